/** What a template asks for that has no use but to get at Python's own functions (attributes of objects, or the filter for them). */
const INNER =
  /__(?:class|globals|builtins|import|subclasses|init|mro|bases?|dict|getattribute|self|code|loader|reduce(?:_ex)?)__|\|\s*attr\s*\(/g;
/** Spellings of `_` within texts of JSON and of templates. */
const UNDERSCORES = /\\+(?:u005f|x5f|137)/gi;
/** An expression is not longer, in characters. */
const MAX_EXPRESSION = 8000;

/** True where a Jinja expression or statement in the text (`{{ … }}`, `{% … %}`) reaches into Python's internals. */
export function reachesInternals(text: string): boolean {
  if (!text.includes('{{') && !text.includes('{%')) return false;
  const plain = text.replace(UNDERSCORES, '_');
  for (const { index } of plain.matchAll(INNER)) {
    const before = plain.slice(Math.max(0, index - MAX_EXPRESSION), index);
    const opened = Math.max(before.lastIndexOf('{{'), before.lastIndexOf('{%'));
    // A closing mark inside a string of the expression does not end it, so only the next opening one counts.
    if (opened >= 0) return true;
  }
  return false;
}
