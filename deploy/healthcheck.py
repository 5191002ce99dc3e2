"""For the container's health check: does the login page answer as it would to a visitor behind the proxy?"""

import http.client
import os
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=4)
host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
connection.request("GET", "/login/", headers={"Host": host, "X-Forwarded-Proto": "https"})
sys.exit(connection.getresponse().status != 200)
