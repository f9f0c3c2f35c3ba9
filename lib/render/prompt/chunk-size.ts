/** Tokens of the prompt in one chunk, and positions of the text encoder: a start and an end stand around them. */
export const CHUNK_TOKENS = 75;
export const CHUNK_POSITIONS = CHUNK_TOKENS + 2;
