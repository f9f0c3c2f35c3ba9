'use client';

import { CloseButton, Kbd, Progress, TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import classes from './search-box.module.css';

const TYPING_MS = 250;

interface SearchBoxProps {
  value: string;
  /** While an answer is under way. */
  busy: boolean;
  onChange: (value: string) => void;
}

/** Searches while one types; `/` brings the cursor here from anywhere on the page. */
export function SearchBox({ value, busy, onChange }: SearchBoxProps) {
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
    sendLater.cancel();
    sent.current = value;
    setText(value);
  }, [value, sendLater]);

  const change = (next: string) => {
    setText(next);
    sendLater(next);
  };
  const sendNow = (next: string) => {
    sendLater.cancel();
    setText(next);
    send(next);
  };
  const clear = () => {
    sendNow('');
    input.current?.focus();
  };
  return (
    <search style={{ position: 'relative' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sendNow(text);
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
          onKeyDown={(event) => {
            if (event.key === 'Escape') clear();
          }}
          leftSection={<IconSearch size={18} aria-hidden />}
          rightSection={
            text === '' ? <Kbd aria-hidden>/</Kbd> : <CloseButton aria-label="Clear search" onClick={clear} />
          }
        />
      </form>
      {busy && <Progress value={100} size={3} animated className={classes.busy} aria-hidden />}
    </search>
  );
}
