export { measureText, shortenText, textPath, wrapText } from './typeface.ts';
