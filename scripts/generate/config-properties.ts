import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS, type SettingKey } from '../../src/cli/settings.ts';

/** The most characters of a line. */
const WIDTH = 120;

const HEAD = `# The settings of Shoal's tracker, seeder and client: one file for all three. "npm run generate" makes it of the tables of
# settings in src/, and of the file that the demo gets.
#
# A flag on the command line beats an environment variable (client.fileName is SHOAL_CLIENT_FILE_NAME), which beats
# this file, which beats the built-in default. The lines that begin with "#" and hold a setting show the default.
# A path that is not absolute is relative to the directory the command is started in.
`;

/** The file in `data/` that the demo gets. Nothing else names it: it is no default of the code. */
const DEMO_FILE = 'aow.txt';

/** The settings that the file shows as they are by default and without "#". */
const WRITTEN_OUT: readonly SettingKey[] = [
  'tracker.port',
  'tracker.webPort',
  'seeder.port',
  'seeder.inputDir',
];

/**
 * Makes `config/config.properties`.
 *
 * @param root the folder of the project
 */
export function configProperties(root: string): string {
  const demo = demoSettings(root);
  const blocks = SETTINGS.rows.map(({ key, default: text = '', help, note }, at) => {
    const value = demo.get(key);
    const isSet = value !== undefined || WRITTEN_OUT.includes(key);
    // The default follows from other settings.
    const shown = key === 'tracker.url' ? 'http://127.0.0.1:9910' : text;
    const line = `${isSet ? '' : '#'}${key}=${value ?? shown}`;
    const heading = prefixOf(key) === prefixOf(SETTINGS.rows[at - 1]?.key ?? '') ? '' : headingOf(key);
    return `${heading}${commentOf(note === undefined ? help : `${help} ${note}`)}\n${line}\n`;
  });
  return [HEAD, ...blocks].join('\n');
}

/** The titles of the sections. */
const TITLES: Readonly<Record<string, string>> = {
  tracker: 'The tracker',
  seeder: 'The seeder',
  client: 'The client',
  limit: 'The seeder and the client: how fast they are',
  log: 'The log of every command',
};

function prefixOf(key: string): string {
  return key.slice(0, key.indexOf('.'));
}

function headingOf(key: string): string {
  return `# --- ${TITLES[prefixOf(key)] ?? prefixOf(key)} ---\n\n`;
}

/** Names the file of the demo, by its true size and SHA-256, and where it goes. */
function demoSettings(root: string): ReadonlyMap<SettingKey, string> {
  const content = readFileSync(join(root, 'data', DEMO_FILE));
  return new Map<SettingKey, string>([
    ['client.outputFileName', '/tmp/downloaded.txt'],
    ['client.fileName', DEMO_FILE],
    ['client.fileSize', String(content.length)],
    ['client.fileHash', createHash('sha256').update(content).digest('hex')],
  ]);
}

/** Breaks a text into lines of a comment. */
function commentOf(text: string): string {
  const lines = ['#'];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length > WIDTH) lines.push(`# ${word}`);
    else lines[lines.length - 1] = longer;
  }
  return lines.join('\n');
}
