import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A page of the documentation, by its path from the project's root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

export interface Snippet {
  readonly page: string;
  /** `ts`, `js`, `yaml`, `sh`; empty where nothing is said. */
  readonly language: string;
  readonly code: string;
}

/** Everything that people read, except the changelog. */
export function allPages(): Page[] {
  const docs = readdirSync('docs').filter((name) => name.endsWith('.md'));
  const paths = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'test/README.md', 'test/bench/README.md'];
  return [...paths, ...docs.map((name) => join('docs', name))].map((path) => ({
    path,
    text: readFileSync(path, 'utf8'),
  }));
}

export function snippetsOf({ path, text }: Page): Snippet[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({
    page: path,
    language,
    code,
  }));
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf({ text }: Page): Set<string> {
  const headings = withoutCode(text).matchAll(/^#{1,6} (.*)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  );
}

/** Where relative links of a page lead: a path from the page's folder, and an anchor. */
export function linksOf({ text }: Page): { readonly target: string; readonly anchor: string }[] {
  const prose = withoutCode(text);
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g), ...prose.matchAll(/ src="([^"]+)"/g)];
  return links
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [target = '', anchor = ''] = link.split('#');
      return { target, anchor };
    });
}

function withoutCode(text: string): string {
  return text.replace(/^```.*?^```$/gms, '');
}
