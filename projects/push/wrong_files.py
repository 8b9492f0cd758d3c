"""The sentences about files that are not what their field is for: what it is, and where the right one is.

Loads no Django.
"""

from portal.core.errors import DomainError
from projects.push.files import Content, CredentialRefused

IOS = (Content.KEY, Content.P12, Content.PEM, Content.DER)
ANDROID = (Content.SERVICE_ACCOUNT,)

_EXPORT = (
    "In Keychain Access on the Mac that made the request, choose the certificate together with its private key and "
    "export both as a .p12 file."
)
_APPLE = (
    "Choose the .p8 key that Apple lets you download (Certificates, Identifiers & Profiles › Keys), or a push "
    "certificate with its private key as .p12 or .pem."
)
_GOOGLE = (
    "In the Firebase console, open Project settings › Service accounts, choose “Generate new private key” and upload "
    "the JSON file that you get."
)
_FOR_ANDROID = f"It is for Android; upload it as the Android API key. {_APPLE}"
_FOR_IOS = f"It is for iPhones; upload it as the iOS certificate. {_GOOGLE}"
_ARCHIVE = "This is a ZIP archive. Unpack it and choose the file in it."

_INSTEAD_OF_IOS = {
    Content.LONE_CERTIFICATE: f"This is a certificate without its private key. {_EXPORT}",
    Content.LONE_KEY: f"This is a private key without its certificate. {_EXPORT}",
    Content.SIGNING_REQUEST: "This is the request for a certificate, not the certificate. Upload it to Apple, install "
    f"what you get in Keychain Access, then export that with its private key as .p12. {_APPLE}",
    Content.PUBLIC_KEY: f"This is only a public key. {_APPLE}",
    Content.PROFILE: f"This is a provisioning profile, which goes into the app. {_APPLE}",
    Content.SERVICE_ACCOUNT: f"This is a Google service account. {_FOR_ANDROID}",
    Content.APP_CONFIG: f"This is google-services.json, the configuration that goes into your Android app. {_APPLE}",
    Content.IOS_CONFIG: f"This is GoogleService-Info.plist, the Firebase configuration of your app. {_APPLE}",
    Content.LEGACY_KEY: f"This is a legacy server key of Google, for Android. {_APPLE}",
    Content.ARCHIVE: _ARCHIVE,
}
_INSTEAD_OF_ANDROID = {
    Content.APP_CONFIG: "This is google-services.json, the configuration that goes into your app; it holds no key that "
    f"may send. {_GOOGLE}",
    Content.IOS_CONFIG: "This is GoogleService-Info.plist, the configuration that goes into your iOS app; it holds no "
    f"key that may send. {_GOOGLE}",
    Content.DEVICE_TOKEN: f"This is the registration token of a device, not a key that may send to it. {_GOOGLE}",
    Content.API_KEY: f"This is an API key (AIza…), which identifies an app and may not send. {_GOOGLE}",
    Content.OTHER_ACCOUNT: f"This is an account file of another kind, not of a service account. {_GOOGLE}",
    Content.KEYSTORE: f"This is a keystore, with which an app is signed. {_GOOGLE}",
    Content.KEY: f"This is a private key alone, as Apple gives it out (.p8). {_FOR_IOS}",
    Content.P12: f"This is a certificate with its private key (.p12). {_FOR_IOS}",
    Content.PEM: f"This is a certificate with its private key (.pem). {_FOR_IOS}",
    Content.LONE_CERTIFICATE: f"This is a certificate. {_GOOGLE}",
    Content.LONE_KEY: f"This is a private key alone; the whole JSON file is needed. {_GOOGLE}",
    Content.ARCHIVE: _ARCHIVE,
}
_LEGACY = (
    "This is a legacy server key. Google shut down the API that took such keys in 2024, so nothing can be sent with "
    f"it any more. Its successor is a service account: {_GOOGLE[0].lower()}{_GOOGLE[1:]}"
)


def refuse_for_ios(content: Content) -> None:
    """Raises ``push_wrong_file``."""
    if content not in IOS:
        raise _wrong(_INSTEAD_OF_IOS.get(content, f"This is neither a .p8, .p12 nor .pem file. {_APPLE}"))


def refuse_for_android(content: Content) -> None:
    """Raises ``push_legacy_key``, ``push_wrong_file``."""
    if content == Content.LEGACY_KEY:
        raise CredentialRefused(_LEGACY, code="push_legacy_key")
    if content not in ANDROID:
        raise _wrong(_INSTEAD_OF_ANDROID.get(content, f"This is not the JSON file of a service account. {_GOOGLE}"))


def lone_certificate() -> DomainError:
    return _wrong(_INSTEAD_OF_IOS[Content.LONE_CERTIFICATE])


def no_certificate() -> DomainError:
    return _wrong(f"There is no certificate in this file. {_EXPORT}")


def unknown_for_ios() -> DomainError:
    return _wrong(f"This is neither a .p8, .p12 nor .pem file. {_APPLE}")


def _wrong(message: str) -> DomainError:
    return CredentialRefused(message, code="push_wrong_file")
