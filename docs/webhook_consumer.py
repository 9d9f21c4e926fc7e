"""A receiver of Muckwatch's webhooks (docs/DISPATCH.md), Python's standard library alone. `verified` is what every receiver needs;
below it is a whole server. The tests run against both."""
import base64
import hashlib
import hmac
import http.server
import json
import ssl
import sys
import time

TOLERANCE_S = 300


class Refused(Exception):
    """Nobody who knows the secret has sent this, or not just now."""


def verified(headers, body, secret, now_s=None):
    """The event, a dict. `headers` by name in any case, `body` as bytes, as they came: signed are the bytes, not the JSON."""
    headers = {name.lower(): value for name, value in headers.items()}
    try:
        event_id, at = headers["webhook-id"], headers["webhook-timestamp"]
        signatures = headers["webhook-signature"].split()
        recent = abs((time.time() if now_s is None else now_s) - int(at)) <= TOLERANCE_S
    except (KeyError, ValueError):
        raise Refused("no signature") from None
    signed = f"{event_id}.{at}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
    if not recent or not any(hmac.compare_digest(wanted, one) for one in signatures):
        raise Refused("wrong signature, or too old")
    event = json.loads(body)
    if event["id"] != event_id:
        raise Refused("the event is not the one that was signed")
    return event


class Handler(http.server.BaseHTTPRequestHandler):
    """Prints each event once. One may come again with the same id, after a lost answer, so what is known is passed over."""
    secret, seen = "", set()

    def do_POST(self):
        length = int(self.headers.get("content-length", "0"))
        try:
            event = verified(dict(self.headers), self.rfile.read(min(length, 65536)), self.secret)
        except Refused:
            self.send_response(401)
            self.end_headers()
            return
        if event["id"] not in self.seen:
            self.seen.add(event["id"])
            data = event["data"]
            print(event["type"], event["subject"], data.get("kind"), data.get("severity"), data.get("vehicle"), flush=True)
        self.send_response(204)
        self.end_headers()


if __name__ == "__main__":  # webhook_consumer.py PORT CERTIFICATE KEY SECRET_FILE
    port, cert, key, secret_file = sys.argv[1:]
    with open(secret_file, encoding="utf-8") as file:
        Handler.secret = file.readline().rstrip("\n")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()
