"""What the tests of the web configuration share."""

TLS = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"

# bcrypt's least cost: checks take some milliseconds.
HASHES = {
    "pw": "$2b$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW",
    "secret": "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
}
SLOW = {  # about a tenth, and half a second
    10: "$2b$10$abcdefghijklmnopqrstuuj7m4XYqbm74SxoBcXyw8to0CQ061DVG",
    12: "$2b$12$abcdefghijklmnopqrstuunYdhHrPrQsWwVD7FJZar2U048CuDd2m",
}
FOREVER = SLOW[10].replace("$10$", "$31$")  # of no password: nobody has waited for it


def users(**passwords):
    return "basic_auth_users:\n" + "".join(f"  {name}: {HASHES[pw]}\n" for name, pw in passwords.items())


def pushed(gateway):
    """Lines of samples that clients pushed."""
    own = ("push_", "pushgateway_", "process_", "#", "go_", "promhttp_")
    return {line for line in gateway.get("/metrics").text.splitlines() if not line.startswith(own)}
