# Asks the real verifier of the model-signing format. Reads [[model, signature, public key], ...] as JSON from its input,
# and writes for each null, or why it is refused.
import json
import sys

from model_signing import verifying

answers = []
for model, signature, key in json.load(sys.stdin):
    try:
        verifying.Config().use_elliptic_key_verifier(public_key=key).verify(model, signature)
        answers.append(None)
    except Exception as error:
        answers.append(f'{type(error).__name__}: {error}')
json.dump(answers, sys.stdout)
