"""Says of each file (base64, one a line) whether the reference library reads it: `ok`, or its error."""

import base64
import sys

import safetensors

for line in sys.stdin:
    try:
        safetensors.deserialize(base64.b64decode(line))
        print("ok")
    except safetensors.SafetensorError as error:
        print("refused", str(error).replace("\n", " "))
