"""Message services by Apprise: chat, push and many more, each with an address of its own form."""

from typing import Annotated, Any
from urllib.parse import quote

from pydantic import Field

from openline.notifiers.base import Kind, NotifierError, Outgoing
from openline.notifiers.secret import NoSuchSecret, SecretName, secret
from openline.plan.record import Record


class AppriseOptions(Record):
    """Which service, and how a person's address is put in."""

    secret: SecretName = Field(
        description="Name of the secret that is the service's address, such as ntfys://host/{to} (see Apprise's list)."
    )
    timeout_s: Annotated[float, Field(gt=0, le=60)] = Field(10.0, description="Longest wait for the service, seconds.")


class Apprise:
    """Hands messages to a service that Apprise knows."""

    def __init__(self, options: AppriseOptions) -> None:
        self.options = options

    def hand_over(self, message: Outgoing) -> str:
        """Hand one message to the service; Apprise says only yes or no, so a no may have been sent."""
        service = self._service(message)
        try:
            is_taken = service.notify(title=message.subject, body=message.text)
        except (TypeError, ValueError) as error:
            raise NotifierError(f"the service refuses the message: {error}", retry=False) from error
        if not is_taken:
            raise NotifierError("the service did not take it", retry=True, maybe_sent=True)
        return ""

    def close(self) -> None:
        """Keep nothing open."""

    def _service(self, message: Outgoing) -> Any:
        # Apprise takes a quarter of a second to import, which only who uses it should pay.
        import apprise

        try:
            url = secret(self.options.secret)
        except (NoSuchSecret, OSError) as error:
            raise NotifierError(str(error), retry=True) from error
        wait = f"cto={self.options.timeout_s:g}&rto={self.options.timeout_s:g}"
        whole = url.replace("{to}", quote(message.to, safe=""))
        found = apprise.Apprise.instantiate(f"{whole}{'&' if '?' in whole else '?'}{wait}", suppress_exceptions=True)
        if found is None:
            raise NotifierError(f"the secret {self.options.secret} is no address of a service", retry=False)
        return found


KIND = Kind("Message service (Apprise)", AppriseOptions, ("app", "sms", "email", "pager", "mobile"), Apprise)
