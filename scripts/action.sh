#!/usr/bin/env bash
# The step of the GitHub Action (action.yml). Inputs come by the environment, so that none of them is ever read as shell.
set -uo pipefail

options=(--fail-on "${INPUT_FAIL_ON:-suspicious}" --format "${INPUT_FORMAT:-text}")
[ "${INPUT_STRICT:-}" != true ] || options+=(--strict)
[ -z "${INPUT_SARIF_FILE:-}" ] || options+=(--sarif-file "$INPUT_SARIF_FILE")
[ -z "${INPUT_POLICY:-}" ] || options+=(--policy "$INPUT_POLICY")
[ -z "${INPUT_JOBS:-}" ] || options+=(--jobs "$INPUT_JOBS")

paths=()
while IFS= read -r line; do
  line="${line%$'\r'}"
  [ -z "$line" ] || paths+=("$line")
done <<< "${INPUT_PATH:-.}"

node "$GITHUB_ACTION_PATH/bin/weighhouse.mjs" scan "${options[@]}" -- "${paths[@]}"
status=$?
[ -z "${GITHUB_OUTPUT:-}" ] || echo "exit-code=$status" >> "$GITHUB_OUTPUT"
exit "$status"
