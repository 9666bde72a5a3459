import { createReadStream } from 'node:fs';

const NEWLINE = 0x0a;

/** The lines of a file, one after the other. @throws Error for a line of more than `mostBytes` bytes; the file is then closed */
export async function* boundedLines(file: string, mostBytes: number): AsyncGenerator<string, void> {
  let parts: Buffer[] = [];
  let bytes = 0;
  const take = (part: Buffer): void => {
    parts.push(part);
    bytes += part.length;
    if (bytes > mostBytes) throw new Error(`it has more than ${mostBytes / 1024 / 1024} MB`);
  };
  const line = (): string => {
    const text = Buffer.concat(parts).toString();
    parts = [];
    bytes = 0;
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  };
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      take(chunk.subarray(start, end));
      yield line();
      start = end + 1;
    }
    take(chunk.subarray(start));
  }
  if (bytes > 0) yield line();
}
