"""What each setting is for, as an administrator reads it beside its value."""

from collections.abc import Mapping

from keycell.oauth.sentences import Sentence, phrase

MEANINGS: Mapping[str, Sentence] = {
    "data": phrase("The folder in which the database, the keys and the bytes of files are kept."),
    "host": phrase("The address of this machine that the server listens on; 0.0.0.0 for all."),
    "port": phrase("The port that the server listens on."),
    "public_url": phrase(
        "The address by which people and applications reach it. It is part of the issuer: another "
        "one breaks the applications that are connected."
    ),
    "also_at": phrase("Further addresses by which people reach it."),
    "tls_cert": phrase("The certificate, with its chain, by which the server speaks https."),
    "tls_key": phrase("The private key of the certificate."),
    "mtls_port": phrase("A port of its own for applications that show a certificate; 0 for none."),
    "mtls_url": phrase("The address by which those reach it, where it is another one."),
    "client_cert_header": phrase(
        "The header in which a trusted proxy hands on the certificate of an application."
    ),
    "client_ca": phrase("Whose certificates applications may show."),
    "database": phrase(
        "A PostgreSQL database, where one machine is not enough; without it, SQLite in the data "
        "folder."
    ),
    "workers": phrase("How many processes serve; more than there are cores do not help."),
    "trusted_proxies": phrase(
        "The proxies that are believed when they say who asks, and by which address."
    ),
    "insecure_http": phrase(
        "Lets people come from other machines by plain http: passwords can be read on their way."
    ),
    "issuer_slash": phrase(
        "Ends the issuer with a slash, for applications that were set up so before. To change it "
        "breaks those that are connected."
    ),
    "registration": phrase(
        "Who may register applications over the network: nobody (closed), who has a token of an "
        "administrator (token), or anybody (open)."
    ),
    "client_documents": phrase(
        "Lets applications that nobody registered describe themselves by a document at their own "
        "address."
    ),
    "show_registered_redirects": phrase(
        "Who sees which redirect URIs an application registered, on the page that says that "
        "another one was sent; everybody does of one in test mode, unless it is never."
    ),
    "fetch_networks": phrase(
        "Private networks from which documents of applications are fetched; without them, from "
        "public addresses alone."
    ),
    "sealing_key": phrase(
        "The key that secrets are sealed under; without it, the one in the data folder."
    ),
    "objects": phrase(
        "An S3 bucket for the bytes of files; without it, they are in the data folder."
    ),
    "quota": phrase("How much room each person's own files have; empty for no bound."),
    "largest_file": phrase("How large a single file may be."),
    "most_nodes": phrase("How many files and folders one space may hold."),
    "thumbnails": phrase(
        "How much room small copies of people's pictures may take; 0 to make none."
    ),
    "keep_versions": phrase("For how many days earlier versions of a file are kept."),
    "keep_trash": phrase("For how many days what was deleted stays in the trash."),
    "removal_grace": phrase(
        "For how many days a person who deletes their account may still change their mind."
    ),
    "trust_browsers": phrase(
        "For how many days people may do without the second step in a browser of their own; 0 "
        "for never."
    ),
    "another_device": phrase(
        "Whether a browser may show a code by which its person signs it in from another device. "
        "Whoever is talked into that for a stranger lets them in."
    ),
    "keys_ahead": phrase(
        "For how many hours a key is published before it signs, 1 at least: whoever keeps our "
        "keys for longer refuses what a new one signed."
    ),
    "mail_codes": phrase(
        "Whether people may sign in by a code that is mailed to them; whoever has a second factor "
        "never does."
    ),
    "smtp": phrase(
        "The mail server that letters go out by. Without one, nobody gets a forgotten password "
        "replaced by mail."
    ),
    "smtp_password_file": phrase("The file with the password for the mail server."),
    "mail_from": phrase("The address that letters come from."),
    "log_level": phrase("How much the log tells."),
    "access_log": phrase("Whether the log has a line for each request."),
}
"""By the name of the setting: every one there is."""
