#!/usr/bin/env python3
"""SkyPay's wire format by somebody else: Python and PyPI's `cryptography`, nothing of this project.

    skypay_peer.py seal|open KEY                 standard input to standard output
    skypay_peer.py ask URL KEY ACTION JSON       one request; prints the answer's JSON
    skypay_peer.py partner KEY PORT_FILE LOG     takes callbacks, answers 1000; logs each as a line
    skypay_peer.py provider KEY PORT_FILE LOG    is SkyPay for payoutQueue, payoutQueryStatus and
                                                 balanceQuery; logs each request as a line

Written from the vendor's documentation: the body is base64 of AES-128/ECB/PKCS#7 over UTF-8 JSON,
the key is the first 16 bytes of SHA-1(SHA-1(password key)).
"""
import base64
import hashlib
import http.server
import json
import os
import sys
import time
import urllib.request

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

WHO = {"userName": "DemoApp@skypay", "authentication": "E1234567-123C-1234-123F-A12345670"}


def cipher(key):
    twice = hashlib.sha1(hashlib.sha1(key.encode("utf-8")).digest()).digest()
    return Cipher(algorithms.AES(twice[:16]), modes.ECB())


def seal(key, data):
    padder = padding.PKCS7(128).padder()
    encryptor = cipher(key).encryptor()
    return base64.b64encode(encryptor.update(padder.update(data) + padder.finalize()))


def unseal(key, text):
    decryptor = cipher(key).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    padded = decryptor.update(base64.b64decode(text, validate=True)) + decryptor.finalize()
    return unpadder.update(padded) + unpadder.finalize()


def now():
    """GMT+8, whatever the machine's zone is, with four decimals."""
    moment = time.time()
    text = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(moment + 8 * 3600))
    return text + ".%04d" % (moment % 1 * 10000)


def good(**more):
    return {"responseTime": now(), "responseCode": "1000", "responseDescription": "OK", **more}


def ask(url, key, action, fields):
    request = {"userName": WHO["userName"], "action": action,
               "authentication": WHO["authentication"], **json.loads(fields)}
    body = seal(key, json.dumps(request, ensure_ascii=False).encode("utf-8"))
    post = urllib.request.Request(url, body, {"Content-Type": "text/plain"})
    with urllib.request.urlopen(post, timeout=60) as answer:
        sys.stdout.buffer.write(unseal(key, answer.read()))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"]))
        message = json.loads(unseal(self.server.key, text))
        self.server.note({"path": self.path, "type": self.headers["Content-Type"], **message})
        wrong = [name for name, value in WHO.items() if message.get(name) != value]
        if wrong:
            answer = {"responseTime": now(), "responseCode": "-1001",
                      "responseDescription": "verification error"}
        else:
            answer = self.server.decide(message)
        body = seal(self.server.key, json.dumps(answer).encode("utf-8"))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, key, log):
        super().__init__(("127.0.0.1", 0), Handler)
        self.key = key
        self.log = open(log, "a", encoding="utf-8")
        self.payouts = {}

    def note(self, message):
        self.log.write(json.dumps(message, ensure_ascii=False) + "\n")
        self.log.flush()


class Partner(Server):
    def decide(self, message):
        if message["action"] == "payoutInquiry":
            return good(controlNumber=message["controlNumber"], sender="Acme",
                        senderAddress="Cebu", name="Peña,Ana", birthday="1990-02-28",
                        identificationId="A-1", idType="Passport", phone="09171234567",
                        amount="1500.00", idcardPicType="jpg",
                        idcardPicUrl="https://example.test/a", location="Cebu")
        if message["action"] == "collectionInquiry":
            return good(amount=message["amount"], payerName="Peña,Ana",
                        payerAddress="Maynila", payerPhone=message["phone"])
        return good()


class Provider(Server):
    """Takes payouts once each, and says that all of them are paid."""

    def decide(self, message):
        if message["action"] == "balanceQuery":
            return good(balance=1000000)
        if message["action"] == "payoutQueue":
            number = message["controlNumber"]
            if number in self.payouts:
                return {"responseTime": now(), "responseCode": "-1008",
                        "responseDescription": "control number already exists"}
            self.payouts[number] = now()[:19]
            return good()
        if message["action"] == "payoutQueryStatus":
            asked = [item["controlNumber"] for item in message["controlNumbers"]]
            rows = [{"controlNumber": number, "transactionDate": self.payouts[number],
                     "status": 1, "statusDesc": "Completed", "payTime": self.payouts[number],
                     "cancelTime": None, "withdrawChannel": "GCash", "referenceNo": "PY" + number}
                    for number in asked if number in self.payouts]
            return good(data=rows)
        return {"responseTime": now(), "responseCode": "-1002", "responseDescription": "unknown"}


def serve(kind, key, port_file, log):
    server = kind(key, log)
    with open(port_file + ".part", "w", encoding="ascii") as file:
        file.write("%d\n" % server.server_address[1])
    os.rename(port_file + ".part", port_file)
    server.serve_forever()


def main(arguments):
    command, rest = arguments[0], arguments[1:]
    if command == "seal":
        sys.stdout.buffer.write(seal(rest[0], sys.stdin.buffer.read()))
    elif command == "open":
        sys.stdout.buffer.write(unseal(rest[0], sys.stdin.buffer.read()))
    elif command == "ask":
        ask(*rest)
    elif command == "partner":
        serve(Partner, *rest)
    elif command == "provider":
        serve(Provider, *rest)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:] or ["help"])
