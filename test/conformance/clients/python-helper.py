"""Drives Twilio's REST helper for Python against a server, and prints what it saw as JSON.

Usage: python-helper.py URL ACCOUNT_SID AUTH_TOKEN
"""
import json
import sys

import twilio
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

URL, ACCOUNT_SID, AUTH_TOKEN = sys.argv[1:]


class SelfHosted(TwilioHttpClient):
    """Sends requests for Twilio's hosts to the server instead. The paths stay."""

    def request(self, method, url, *args, **kwargs):
        return super().request(method, url.replace("https://chat.twilio.com", URL), *args, **kwargs)


client = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=SelfHosted())
service = client.chat.v2.services.create(friendly_name="Support")
service.update(reachability_enabled=True)
users = client.chat.v2.services(service.sid).users


def state(identity):
    user = users(identity).fetch()
    return [user.is_online, user.is_notifiable]


def post(path):
    """Opens a Connection, which Twilio's API does not have."""
    return client.request("POST", f"https://chat.twilio.com/v2/Services/{service.sid}{path}")


seen = {"version": twilio.__version__}
users.create(identity="ann", attributes='{"team":"north"}')
seen["before"] = state("ann")
connection = json.loads(post("/Users/ann/Connections").text)["sid"]
seen["connected"] = state("ann")
seen["listed"] = [[user.identity, user.is_online] for user in users.list()]
client.request("DELETE", f"https://chat.twilio.com/v2/Services/{service.sid}/Users/ann/Connections/{connection}")
seen["closed"] = state("ann")
users.create(identity="bob")
seen["paged"] = sorted(user.identity for user in users.list(page_size=1))
seen["updated"] = users("ann").update(friendly_name="Ann").friendly_name
seen["deleted"] = users("ann").delete()
try:
    users("ann").fetch()
except TwilioRestException as error:
    seen["missing"] = [error.status, error.code]
print(json.dumps(seen))
