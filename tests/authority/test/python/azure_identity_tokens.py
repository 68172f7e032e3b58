"""Acquires tokens with Microsoft's azure-identity, unmodified, and prints them as JSON.

Standard input: {"https", "tenant", "secret", "certified", "pem", "shop", "assertion", "federated", "tokenFile", "worker",
"managedIdentity"}. The environment names the certificate to trust.
"""

import json
import os
import sys

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    OnBehalfOfCredential,
    WorkloadIdentityCredential,
)

ORDERS = "api://orders.contoso.example/.default"


def main():
    given = json.load(sys.stdin)
    place = {"authority": given["https"], "disable_instance_discovery": True}
    tenant = given["tenant"]
    secret, certified, shop = given["secret"], given["certified"], given["shop"]

    def certificate(**more):
        return CertificateCredential(tenant, certified["clientId"], certificate_path=given["pem"], **place, **more)

    def on_behalf_of(**credential):
        return OnBehalfOfCredential(tenant, shop["clientId"], user_assertion=given["assertion"], **credential, **place)

    credentials = {
        "secret": lambda: ClientSecretCredential(tenant, secret["clientId"], secret["secret"], **place),
        "wrongSecret": lambda: ClientSecretCredential(tenant, secret["clientId"], "wrong", **place),
        "certificate": certificate,
        "certificateChain": lambda: certificate(send_certificate_chain=True),
        "onBehalfOf": lambda: on_behalf_of(client_secret=shop["secret"]),
        "onBehalfOfCertificate": lambda: on_behalf_of(client_certificate=read(given["shopPem"])),
        "workload": lambda: WorkloadIdentityCredential(
            tenant_id=tenant, client_id=given["federated"]["clientId"], token_file_path=given["tokenFile"], **place
        ),
        "appService": lambda: managed_identity(given["managedIdentity"]["appService"]),
        "appServiceWorker": lambda: managed_identity(
            given["managedIdentity"]["appService"], client_id=given["worker"]["clientId"]
        ),
        "imds": lambda: managed_identity(given["managedIdentity"]["imds"]),
        "imdsUnknown": lambda: managed_identity(
            given["managedIdentity"]["imds"], client_id="99999999-0000-4000-8000-000000000000"
        ),
    }
    json.dump({name: twice(make) for name, make in credentials.items()}, sys.stdout)


def twice(make):
    """The second token must come from the library's own cache."""
    try:
        credential = make()
        return [credential.get_token(ORDERS).token for _ in range(2)]
    except ClientAuthenticationError as error:
        return {"error": error.message}


def managed_identity(environment, **more):
    for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "AZURE_POD_IDENTITY_AUTHORITY_HOST"):
        os.environ.pop(name, None)
    os.environ.update(environment)
    return ManagedIdentityCredential(**more)


def read(path):
    with open(path, "rb") as file:
        return file.read()


main()
