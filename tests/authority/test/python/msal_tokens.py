"""Acquires tokens with Microsoft's msal, unmodified, and prints the responses as JSON.

Standard input: {"https", "certificate", "tenant", "secret", "certified", "shop", "assertion"}.
Each response is acquired twice; the second must come from msal's own cache.
"""

import json
import sys

import msal
from msal.authority import Authority

ORDERS = ["api://orders.contoso.example/.default"]


def confidential(given, registration, credential):
    return msal.ConfidentialClientApplication(
        registration["clientId"],
        client_credential=credential,
        authority=f"{given['https']}/{given['tenant']}",
        instance_discovery=False,
        verify=given["certificate"],
    )


def twice(acquire):
    return {"first": acquire(), "second": acquire()}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def main():
    given = json.load(sys.stdin)
    certified = given["certified"]
    key, certificate = read(certified["privateKey"]), read(certified["certificate"])
    responses = {}

    client = confidential(given, given["secret"], given["secret"]["secret"])
    responses["secret"] = twice(lambda: client.acquire_token_for_client(ORDERS))

    client = confidential(given, certified, {"private_key": key, "public_certificate": certificate})
    responses["certificate"] = twice(lambda: client.acquire_token_for_client(ORDERS))

    client = confidential(given, certified, {"private_key": key, "thumbprint": given["thumbprint"]})
    responses["certificateSha1"] = twice(lambda: client.acquire_token_for_client(ORDERS))

    client = confidential(given, given["shop"], given["shop"]["secret"])
    scopes = ["api://orders.contoso.example/Orders.Read"]
    # For this grant the library leaves the look into its cache to the caller.
    responses["onBehalfOf"] = {
        "first": client.acquire_token_on_behalf_of(given["assertion"], scopes),
        "second": client.acquire_token_silent(scopes, account=client.get_accounts()[0]),
    }

    client = confidential(given, given["secret"], "wrong")
    responses["wrongSecret"] = client.acquire_token_for_client(ORDERS)

    http = client.http_client
    found = Authority(
        f"{given['https']}/{given['tenant']}", http, instance_discovery=f"{given['https']}/common/discovery/instance"
    )
    responses["instanceDiscovery"] = found.token_endpoint
    json.dump(responses, sys.stdout)


main()
