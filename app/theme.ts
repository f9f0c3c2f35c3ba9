import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** Verdigris: what the brass of old scales turns to. The shade used for buttons holds 5:1 against white. */
const verdigris: MantineColorsTuple = [
  '#e9f6f4',
  '#d6e9e6',
  '#aed3cd',
  '#83bcb3',
  '#5fa99e',
  '#489d91',
  '#3a968a',
  '#267f74',
  '#177166',
  '#005a50',
];

export const theme = createTheme({
  colors: { verdigris },
  primaryColor: 'verdigris',
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: 'md',
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'Cascadia Code', 'Source Code Pro', Menlo, Consolas, monospace",
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: '650' },
  respectReducedMotion: true,
  cursorType: 'pointer',
});

/** Mantine's greys for secondary text fall short of 4.5:1; these do not. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#55606a',
    '--mantine-color-placeholder': '#626d77',
    '--mantine-color-error': '#b42318',
    '--mantine-color-anchor': '#0b665b',
    '--mantine-color-body': '#fbfcfc',
  },
  dark: {
    '--mantine-color-dimmed': '#b4bcc2',
    '--mantine-color-placeholder': '#a3abb1',
    '--mantine-color-error': '#ff9d94',
    '--mantine-color-anchor': '#7fd0c4',
    '--mantine-color-body': '#16191b',
  },
});
