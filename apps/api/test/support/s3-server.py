"""OpenStack Swift with its S3 API: account, container, object and proxy servers of one node, in this one process.

`s3-server.py DIRECTORY` keeps everything below DIRECTORY, on a file system with extended attributes, takes free ports on
loopback and prints the proxy's. It needs Debian's python3-swift. AWS_ACCESS_KEY_ID is test:tester,
AWS_SECRET_ACCESS_KEY is testing, the region us-east-1.
"""

import os
import sys

import eventlet
import eventlet.wsgi
from swift.common import utils
from swift.common.ring import RingBuilder

DIRECTORY = os.path.abspath(sys.argv[1])

COMMON = """[DEFAULT]
swift_dir = {directory}
devices = {directory}/devices
mount_check = false
fallocate_reserve = 0
log_level = CRITICAL
"""

STORAGE = """
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""

PROXY = """
[pipeline:main]
pipeline = catch_errors s3api tempauth proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:s3api]
use = egg:swift#s3api
allow_multipart_uploads = false
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
"""


def write(name, text):
    path = os.path.join(DIRECTORY, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def make_ring(name, port):
    builder = RingBuilder(2, 1, 0)
    builder.add_dev(
        dict(id=0, region=1, zone=1, weight=1, device="disk", ip="127.0.0.1", port=port)
        | dict(replication_ip="127.0.0.1", replication_port=port)
    )
    builder.rebalance()
    builder.get_ring().save(os.path.join(DIRECTORY, name + ".ring.gz"))


class Cache:
    """What the proxy asks of memcached."""

    def __init__(self):
        self.entries = {}

    def get(self, key, **_):
        return self.entries.get(key)

    def set(self, key, value, **_):
        self.entries[key] = value

    def incr(self, key, delta=1, **_):
        self.entries[key] = max(0, self.entries.get(key, 0) + delta)
        return self.entries[key]

    def delete(self, key, **_):
        self.entries.pop(key, None)


def with_cache(app):
    cache = Cache()

    def call(environ, start_response):
        environ["swift.cache"] = cache
        return app(environ, start_response)

    return call


def serve(name, text, socket):
    from swift.common.http_protocol import SwiftHttpProtocol
    from swift.common.wsgi import loadapp

    app = loadapp(write(name + ".conf", COMMON.format(directory=DIRECTORY) + text))
    if name == "proxy-server":
        app = with_cache(app)
    options = dict(protocol=SwiftHttpProtocol, log_output=False, debug=False, socket_timeout=60)
    return eventlet.spawn(eventlet.wsgi.server, socket, app, **options)


def main():
    eventlet.patcher.monkey_patch(all=False, socket=True, select=True, thread=True)
    os.makedirs(os.path.join(DIRECTORY, "devices", "disk"), exist_ok=True)
    write("swift.conf", "[swift-hash]\nswift_hash_path_suffix = test\n")
    utils.set_swift_dir(DIRECTORY)
    utils.validate_hash_conf()
    names = ["account", "container", "object"]
    sockets = {name: eventlet.listen(("127.0.0.1", 0)) for name in [*names, "proxy"]}
    for name in names:
        make_ring(name, sockets[name].getsockname()[1])
    threads = [serve(name, STORAGE.format(name=name), sockets[name]) for name in names]
    threads.append(serve("proxy-server", PROXY, sockets["proxy"]))
    print("listens on", sockets["proxy"].getsockname()[1], flush=True)
    for thread in threads:
        thread.wait()


main()
