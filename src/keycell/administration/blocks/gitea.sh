gitea admin auth add-oauth \
  --name '$name' \
  --provider openidConnect \
  --key '$client_id' \
  --secret '$client_secret' \
  --auto-discover-url '$discovery' \
  --scopes 'openid profile email groups' \
  --group-claim-name groups \
  --admin-group /admins
