#!/usr/bin/env python3
"""An HTTPS proxy to one KDC (MS-KKDCP), for tests: kdc_proxy.py LISTEN_PORT KDC_PORT CERTIFICATE KEY

Takes POST /KdcProxy with a KDC-PROXY-MESSAGE, passes what is in it to the KDC by TCP, and the answer back. Writes one
line for each message: the realm that it was for.
"""
import http.server
import socket
import ssl
import sys


def read_der(data, at, tag):
    """The contents of the value of this tag at `at`, and where the next value starts."""
    if data[at] != tag:
        raise ValueError(f"tag {data[at]:#x} where {tag:#x} is wanted")
    length, start = data[at + 1], at + 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[at + 2:start], "big")
    if start + length > len(data):
        raise ValueError("cut off")
    return data[start:start + length], start + length


def der(tag, content):
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def unpack(message):
    """KDC-PROXY-MESSAGE ::= SEQUENCE { [0] OCTET STRING, [1] Realm OPTIONAL, [2] INTEGER OPTIONAL }"""
    sequence, _ = read_der(message, 0, 0x30)
    field, following = read_der(sequence, 0, 0xA0)
    request, _ = read_der(field, 0, 0x04)
    realm = b""
    if following < len(sequence) and sequence[following] == 0xA1:
        realm, _ = read_der(read_der(sequence, following, 0xA1)[0], 0, 0x1B)
    return request, realm.decode()


def exactly(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionError("the KDC hung up")
        data += piece
    return data


def ask_kdc(port, request):
    """Request and answer begin with their length in 4 bytes, as by TCP."""
    with socket.create_connection(("127.0.0.1", port)) as kdc:
        kdc.sendall(request)
        length = exactly(kdc, 4)
        return length + exactly(kdc, int.from_bytes(length, "big"))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        message = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/KdcProxy":
            self.send_error(404)
            return
        request, realm = unpack(message)
        print("for", realm, flush=True)
        answer = der(0x30, der(0xA0, der(0x04, ask_kdc(int(sys.argv[2]), request))))
        self.send_response(200)
        self.send_header("Content-Type", "application/kerberos")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer)
        self.close_connection = True

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


main()
