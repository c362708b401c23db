pveum realm add '$name' --type openid \
  --issuer-url '$issuer' \
  --client-id '$client_id' \
  --client-key '$client_secret' \
  --username-claim preferred_username \
  --scopes '$scope' \
  --autocreate 1 \
  --comment Keycell
