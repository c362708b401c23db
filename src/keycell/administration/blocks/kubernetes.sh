# On each API server ($base):
#   --oidc-issuer-url=$issuer
#   --oidc-client-id=$client_id
#   --oidc-username-claim=preferred_username
#   --oidc-groups-claim=groups
kubectl oidc-login setup --oidc-issuer-url='$issuer' --oidc-client-id='$client_id'
kubectl config set-credentials keycell \
  --exec-interactive-mode=Never \
  --exec-api-version=client.authentication.k8s.io/v1 \
  --exec-command=kubectl \
  --exec-arg=oidc-login \
  --exec-arg=get-token \
  --exec-arg=--oidc-issuer-url='$issuer' \
  --exec-arg=--oidc-client-id='$client_id' \
  --exec-arg=--oidc-extra-scope=profile \
  --exec-arg=--oidc-extra-scope=email \
  --exec-arg=--oidc-extra-scope=groups \
  --exec-arg=--oidc-pkce-method=S256
