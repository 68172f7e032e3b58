"""Acquires tokens with adal, Microsoft's library for v1.0 before msal, unmodified, and prints the responses as JSON.

Standard input: {"https", "control", "tenant", "secret", "certified", "thumbprint", "desktop", "site", "code",
"redirectUri"}. The environment names the certificate to trust.
"""

import json
import sys
import urllib.request

import adal

LEDGER = "https://ledger.contoso.example"
GRAPH = "https://graph.microsoft.com"
USER = ("alice@contoso.onmicrosoft.com", "alice-password")


def main():
    given = json.load(sys.stdin)
    secret, certified, site = given["secret"], given["certified"], given["site"]
    desktop = given["desktop"]["clientId"]

    def context():
        return adal.AuthenticationContext(f"{given['https']}/{given['tenant']}", validate_authority=False)

    def device_code():
        here = context()
        code = here.acquire_user_code(GRAPH, desktop)
        approve(given["control"], {"userCode": code["user_code"], "user": USER[0]})
        return here.acquire_token_with_device_code(GRAPH, code, desktop)

    def authorization_code():
        here = context()
        first = here.acquire_token_with_authorization_code(
            given["code"], given["redirectUri"], LEDGER, site["clientId"], site["secret"]
        )
        # One refresh token serves every resource.
        other = here.acquire_token_with_refresh_token(first["refreshToken"], site["clientId"], GRAPH, site["secret"])
        return {**first, "other": other}

    ways = {
        "secret": lambda: context().acquire_token_with_client_credentials(LEDGER, secret["clientId"], secret["secret"]),
        "certificate": lambda: context().acquire_token_with_client_certificate(
            GRAPH, certified["clientId"], read(certified["privateKey"]), given["thumbprint"]
        ),
        "password": lambda: context().acquire_token_with_username_password(GRAPH, *USER, desktop),
        "deviceCode": device_code,
        "authorizationCode": authorization_code,
        "unknownResource": lambda: context().acquire_token_with_client_credentials(
            "https://nothing.example", secret["clientId"], secret["secret"]
        ),
    }
    json.dump({name: attempt(way) for name, way in ways.items()}, sys.stdout)


def attempt(way):
    try:
        return way()
    except adal.AdalError as error:
        return {"error": str(error), "response": error.error_response}


def approve(control, body):
    request = urllib.request.Request(f"{control}/device-codes", data=json.dumps(body).encode(), method="POST")
    urllib.request.urlopen(request).close()


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


main()
