gitea admin auth add-oauth \
  --name 'keycell' \
  --provider openidConnect \
  --key 'the-client' \
  --secret 'k1_Zx-9secret' \
  --auto-discover-url 'https://id.example.org/oidc/.well-known/openid-configuration' \
  --scopes 'openid profile email groups' \
  --group-claim-name groups \
  --admin-group /admins
