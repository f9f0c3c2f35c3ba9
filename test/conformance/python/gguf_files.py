"""What the gguf package makes of blocks, and of singles. Reads lines `op type base64`, answers lines of base64."""
import base64
import sys

import gguf
import numpy as np

for line in sys.stdin:
    op, name, data = line.split()
    data = base64.b64decode(data)
    kind = gguf.GGMLQuantizationType[name]
    if op == "unpack":
        blocks = np.frombuffer(data, dtype=np.uint8).reshape(1, -1)
        with np.errstate(all="ignore"):
            answer = gguf.quants.dequantize(blocks, kind).astype("<f4")
    else:
        numbers = np.frombuffer(data, dtype="<f4").reshape(1, -1)
        with np.errstate(all="ignore"):
            answer = gguf.quants.quantize(numbers, kind)
    print(base64.b64encode(answer.tobytes()).decode())
