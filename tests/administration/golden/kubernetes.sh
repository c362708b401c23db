# On each API server (https://k8s.example.org:6443):
#   --oidc-issuer-url=https://id.example.org/oidc
#   --oidc-client-id=the-client
#   --oidc-username-claim=preferred_username
#   --oidc-groups-claim=groups
kubectl oidc-login setup --oidc-issuer-url='https://id.example.org/oidc' --oidc-client-id='the-client'
kubectl config set-credentials keycell \
  --exec-interactive-mode=Never \
  --exec-api-version=client.authentication.k8s.io/v1 \
  --exec-command=kubectl \
  --exec-arg=oidc-login \
  --exec-arg=get-token \
  --exec-arg=--oidc-issuer-url='https://id.example.org/oidc' \
  --exec-arg=--oidc-client-id='the-client' \
  --exec-arg=--oidc-extra-scope=profile \
  --exec-arg=--oidc-extra-scope=email \
  --exec-arg=--oidc-extra-scope=groups \
  --exec-arg=--oidc-pkce-method=S256
