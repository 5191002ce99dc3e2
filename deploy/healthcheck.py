"""For the container's health check: does the process answer? Whether it can also work, /readyz tells the proxy.

A database that is away is no reason to start the process anew.
"""

import http.client
import os
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=4)
connection.request("GET", "/healthz")
sys.exit(connection.getresponse().status != 200)
