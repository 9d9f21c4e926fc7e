// Follows Muckwatch's events (docs/DISPATCH.md), Node 18 or a browser, nothing else. `follow` is what every reader needs; below it is a program
// that prints them, and that goes on where it was when it is started again. The tests run it.
const SILENCE_MS = 25000; // a beat comes each 10 s

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Blocks of lines, up to the end, or to a silence.
async function* blocks(response, abort) {
  const decoder = new TextDecoder();
  let text = "", silence;
  const listen = () => { clearTimeout(silence); silence = setTimeout(() => abort.abort(), SILENCE_MS); };
  try {
    listen();
    for await (const bytes of response.body) {
      listen();
      text += decoder.decode(bytes, { stream: true });
      for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) yield text.slice(0, end).split("\n");
    }
  } finally {
    clearTimeout(silence);
  }
}

// {kind, place, data} for ever. Of alert, action, shift and world each comes once and in order, if `place` is that of the last one that was dealt
// with; null: from now on. After "reset" what is known has to be loaded anew: GET /api/v1/state.
export async function* follow(base, token, place = null, query = "") {
  for (let wait = 1000; ; wait = Math.min(2 * wait, 30000)) {
    const abort = new AbortController();
    try {
      const headers = { Authorization: `Bearer ${token}`, ...(place && { "Last-Event-ID": place }) };
      const response = await fetch(`${base}/api/v1/events${query}`, { headers, signal: abort.signal });
      if (!response.ok && response.status !== 429 && response.status !== 503) throw new RangeError(`refused: ${response.status}`);
      if (response.ok)
        for await (const lines of blocks(response, abort)) {
          const event = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]));
          if (!event.data) continue;
          wait = 1000;
          yield { kind: event.event, place: event.id ?? null, data: JSON.parse(event.data) };
          place = event.id ?? place;
        }
    } catch (lost) {
      if (lost instanceof RangeError) throw lost;
    } finally {
      abort.abort();
    }
    await sleep(wait * (0.5 + Math.random()));
  }
}

// node events_consumer.mjs http://127.0.0.1:8080 TOKEN_FILE PLACE_FILE
if (globalThis.process?.argv[1]?.endsWith("events_consumer.mjs")) {
  const { existsSync, readFileSync, renameSync, writeFileSync } = await import("node:fs");
  const [base, tokenFile, placeFile] = process.argv.slice(2);
  const begin = existsSync(placeFile) ? readFileSync(placeFile, "ascii") : null;
  for await (const { kind, place, data } of follow(base, readFileSync(tokenFile, "ascii").trim(), begin)) {
    process.stdout.write(`${kind} ${JSON.stringify(data)}\n`);
    if (!place) continue;
    writeFileSync(placeFile + ".new", place, { flush: true });
    renameSync(placeFile + ".new", placeFile);
  }
}
