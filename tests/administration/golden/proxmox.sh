pveum realm add 'keycell' --type openid \
  --issuer-url 'https://id.example.org/oidc' \
  --client-id 'the-client' \
  --client-key 'k1_Zx-9secret' \
  --username-claim preferred_username \
  --scopes 'openid profile email' \
  --autocreate 1 \
  --comment Keycell
