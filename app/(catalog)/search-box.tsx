'use client';

import { CloseButton, Kbd, TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';

const TYPING_MS = 250;

/** Searches while one types; `/` brings the cursor here from anywhere on the page. */
export function SearchBox({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const sent = useRef(value);
  const send = (next: string) => {
    sent.current = next;
    onChange(next);
  };
  const sendLater = useDebouncedCallback(send, TYPING_MS);
  useHotkeys([['/', () => input.current?.focus()]]);

  // The URL changes from elsewhere too: a removed chip, the back button. What was typed meanwhile stays.
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    setText(value);
  }, [value]);

  const change = (next: string) => {
    setText(next);
    sendLater(next);
  };
  return (
    <search>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send(text);
        }}
      >
        <TextInput
          ref={input}
          type="text"
          inputMode="search"
          enterKeyHint="search"
          size="md"
          aria-label="Search models"
          placeholder="Name, tag, file name, or a hash"
          value={text}
          onChange={(event) => change(event.currentTarget.value)}
          leftSection={<IconSearch size={18} aria-hidden />}
          rightSection={
            text === '' ? (
              <Kbd aria-hidden>/</Kbd>
            ) : (
              <CloseButton aria-label="Clear search" onClick={() => change('')} />
            )
          }
        />
      </form>
    </search>
  );
}
