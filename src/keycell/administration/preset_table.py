"""Every application we know beforehand, each a row."""

from collections.abc import Mapping

from keycell.administration.presets import Preset

_GROUPS = "openid profile email groups"

_ROWS = (
    Preset(
        preset_id="grafana", label="Grafana", kind="ini", where="grafana.ini",
        example="https://grafana.example.org",
        redirect_uris=("$base/login/generic_oauth",), scope=_GROUPS,
        notes=(
            "root_url in [server] must be the address people use, with the same path.",
            "Whoever is in the group /admins becomes an administrator; change the rule at will.",
        ),
    ),
    Preset(
        preset_id="gitlab", label="GitLab", kind="rb", where="/etc/gitlab/gitlab.rb",
        example="https://gitlab.example.org",
        redirect_uris=("$base/users/auth/openid_connect/callback",),
        notes=(
            "Run gitlab-ctl reconfigure afterwards.",
            "Locked out by automatic sign-in? /users/sign_in?auto_sign_in=false has the form.",
        ),
    ),
    Preset(
        preset_id="nextcloud", label="Nextcloud", kind="sh", where="shell, in Nextcloud's folder",
        example="https://cloud.example.org", name="Keycell", scope=_GROUPS,
        redirect_uris=("$base/apps/user_oidc/code",),
        post_logout_redirect_uris=("$base",),
        backchannel_logout_uri="$base/apps/user_oidc/backchannel-logout/$name",
        notes=(
            "The app user_oidc must be enabled; with pretty URLs off, add /index.php to the URL.",
            "A provider on a private address needs allow_local_remote_servers in config.php.",
            "The form for passwords stays at /login?direct=1.",
        ),
    ),
    Preset(
        preset_id="wordpress", label="WordPress", kind="fields",
        where="Settings, OpenID Connect Client (plugin OpenID Connect Generic)",
        example="https://blog.example.org",
        redirect_uris=("$base/wp-admin/admin-ajax.php?action=openid-connect-authorize",),
        post_logout_redirect_uris=("$base",), method="client_secret_post",
        notes=("The redirect URI has a query; leave Alternate Redirect URI off.",),
    ),
    Preset(
        preset_id="gitea", label="Gitea or Forgejo", kind="sh", where="shell, as Gitea's user",
        example="https://git.example.org", name="keycell", scope=_GROUPS, has_pkce=False,
        redirect_uris=("$base/user/oauth2/$name/callback",),
        notes=("The name of the authentication source is part of the redirect URI.",),
    ),
    Preset(
        preset_id="immich", label="Immich", kind="fields",
        where="Administration, Settings, OAuth", example="https://photos.example.org",
        method="client_secret_post",
        redirect_uris=(
            "$base/auth/login", "$base/user-settings", "$base/api/oauth/mobile-redirect",
        ),
        notes=(
            "Any app of the telephone could take the mobile app's own scheme;",
            "the override leads the app back through Immich.",
        ),
    ),
    Preset(
        preset_id="jellyfin", label="Jellyfin", kind="fields",
        where="Dashboard, Plugins, SSO-Auth", example="https://media.example.org",
        name="keycell", scope=_GROUPS, method="client_secret_post",
        redirect_uris=("$base/sso/OID/redirect/$name",),
        notes=(
            "The provider's name is part of the redirect URI.",
            "It signs in to the web page; native apps use Quick Connect from there.",
        ),
    ),
    Preset(
        preset_id="proxmox", label="Proxmox VE", kind="sh", where="shell of any node",
        example="https://pve.example.org:8006", name="keycell",
        redirect_uris=("$origin",),
        notes=(
            "The redirect URI is the bare origin, without a slash.",
            "Each node has an address of its own: add the others' to the client.",
            "The claim for user names cannot be changed once the realm is made.",
        ),
    ),
    Preset(
        preset_id="portainer", label="Portainer", kind="fields",
        where="Settings, Authentication, OAuth, Custom", example="https://portainer.example.org",
        redirect_uris=("$base",), post_logout_redirect_uris=("$base",), has_pkce=False,
        method="client_secret_post",
        notes=("Write the redirect URL exactly so, without a slash at its end.",),
    ),
    Preset(
        preset_id="paperless", label="Paperless-ngx", kind="env",
        where="docker-compose.env or paperless.conf", example="https://paper.example.org",
        name="keycell", redirect_uris=("$base/accounts/oidc/$name/login/callback/",),
        notes=("The redirect URI ends in a slash, and holds the provider_id.",),
    ),
    Preset(
        preset_id="vaultwarden", label="Vaultwarden", kind="env", where="environment",
        example="https://vault.example.org", scope="openid profile email offline_access",
        redirect_uris=("$base/identity/connect/oidc-signin",),
        notes=(
            "From version 1.35 on. The master password stays: it opens the vault.",
            "SSO_AUTHORITY is compared with the issuer letter by letter.",
        ),
    ),
    Preset(
        preset_id="outline", label="Outline", kind="env", where="environment",
        example="https://notes.example.org", redirect_uris=("$base/auth/oidc.callback",),
        post_logout_redirect_uris=("$base",), has_pkce=False, method="client_secret_post",
        notes=("Accounts are matched by mail address.",),
    ),
    Preset(
        preset_id="bookstack", label="BookStack", kind="env", where=".env",
        example="https://wiki.example.org", scope=_GROUPS,
        redirect_uris=("$base/oidc/callback",),
        post_logout_redirect_uris=("$base", "$base/"),
        notes=("Access needs a role of the same name as the group, or its external ID.",),
    ),
    Preset(
        preset_id="home-assistant", label="Home Assistant", kind="yaml",
        where="configuration.yaml (integration hass-oidc-auth)",
        example="https://home.example.org", method="client_secret_post", scope=_GROUPS,
        redirect_uris=("$base/auth/oidc/callback",),
        notes=("Install the integration from HACS first, and start anew afterwards.",),
    ),
    Preset(
        preset_id="argocd", label="Argo CD", kind="yaml", where="ConfigMap argocd-cm",
        example="https://argocd.example.org", scope=_GROUPS, has_pkce=False, reads_id_token=True,
        redirect_uris=("$base/auth/callback", "http://localhost:8085/auth/callback"),
        notes=("The second redirect URI is for argocd login --sso.",),
    ),
    Preset(
        preset_id="kubernetes", label="Kubernetes (kubelogin)", kind="sh",
        where="shell that has kubectl, and the API server's flags",
        example="https://k8s.example.org:6443", scope=_GROUPS, method="none",
        reads_id_token=True,
        redirect_uris=("http://localhost:8000", "http://localhost:18000"),
        notes=("The client is public: it runs on each person's own machine, and PKCE binds it.",),
    ),
    Preset(
        preset_id="minio", label="MinIO", kind="env", where="environment",
        example="https://console.example.org", has_pkce=False,
        scope="openid profile email roles",
        redirect_uris=("$base/oauth_callback",),
        notes=(
            "A role of the person must be called like a policy.",
            "The address is that of the console.",
        ),
    ),
    Preset(
        preset_id="mattermost", label="Mattermost", kind="json", where="config.json",
        example="https://chat.example.org", redirect_uris=("$base/signup/openid/complete",),
        has_pkce=False, method="client_secret_post",
        notes=("OpenID Connect needs a Mattermost licence.",),
    ),
    Preset(
        preset_id="open-webui", label="Open WebUI", kind="env", where="environment",
        example="https://ai.example.org", scope=_GROUPS,
        redirect_uris=("$base/oauth/oidc/callback",),
        notes=("What was once saved in its admin panel counts more than the environment.",),
    ),
    Preset(
        preset_id="synapse", label="Matrix Synapse", kind="yaml", where="homeserver.yaml",
        example="https://matrix.example.org",
        redirect_uris=("$base/_synapse/client/oidc/callback",),
        backchannel_logout_uri="$base/_synapse/client/oidc/backchannel_logout",
        notes=(
            "The address is public_baseurl.",
            "An account's local part is the name here, and stays when that changes.",
        ),
    ),
    Preset(
        preset_id="jupyterhub", label="JupyterHub", kind="python", where="jupyterhub_config.py",
        example="https://jupyter.example.org", scope=_GROUPS,
        redirect_uris=("$base/hub/oauth_callback",),
        notes=(
            "The package oauthenticator must be installed, version 17 or later.",
            "Whoever is in the group /admins becomes an administrator; change that at will.",
        ),
    ),
    Preset(
        preset_id="oauth2-proxy", label="oauth2-proxy", kind="toml", where="oauth2-proxy.cfg",
        example="https://app.example.org", scope=_GROUPS,
        redirect_uris=("$base/oauth2/callback",),
        notes=("The address is that of the application behind it.",),
    ),
    Preset(
        preset_id="cloudflare", label="Cloudflare Access", kind="fields",
        where="Zero Trust, Settings, Authentication, OpenID Connect",
        example="https://team.cloudflareaccess.com", scope=_GROUPS,
        redirect_uris=("$base/cdn-cgi/access/callback",), method="client_secret_post",
        reads_id_token=True,
        notes=("Cloudflare fetches our keys, so we must be reachable from the internet.",),
    ),
)  # fmt: skip

PRESETS: Mapping[str, Preset] = {one.preset_id: one for one in _ROWS}
