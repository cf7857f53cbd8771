import assert from 'node:assert/strict';
import { shorten } from '../../../src/cli/shorten.ts';
import { readUtf8 } from '../../../src/metainfo/file-name.ts';
import { checkFileName, MetainfoError, nameFromBytes, nameToBytes } from '../../../src/metainfo/index.ts';
import { printableUrl } from '../../../src/tracker-client/printable-url.ts';
import { quotable } from '../../../src/tracker-client/quotable.ts';
import { announceUrlOf, parseTrackerUrl } from '../../../src/tracker-client/tracker-url.ts';
import {
  accessTokenId,
  formatAccessToken,
  isLikeAccessToken,
  passkeyOfPath,
  scrapeUrl,
} from '../../../src/tracker-protocol/index.ts';
import { parseAddressRange } from '../../../src/util/address-range.ts';
import {
  canonicalIp,
  decodeCompactAddresses,
  diskPathFromBytes,
  diskPathToBytes,
  encodeCompactAddress,
  equalBytes,
  formatIp,
  ipReach,
  isPrivateIp,
  parseIp,
  printable,
  printableJson,
  shown,
  withoutSecrets,
} from '../../../src/util/index.ts';
import { bytesOf, type FuzzTarget } from '../fuzz-target.ts';

const TEXTS = [
  'debian-12.5.0-amd64-DVD-1.iso',
  'Grüße, 日本語, \u{1f469}\u200d\u{1f680} \u202e\u0007\x1b[31m',
  '\ud800 \udcff \udc80\udcb2',
  'e\u0301\u0301\u0301\u0301 \u2066 \ufeff \u{e0001}',
];

/** Texts for terminals and logs: nothing in them moves a cursor, hides or turns around. */
const printableTexts: FuzzTarget = {
  name: 'printable',
  corpus: () => TEXTS.map((text) => new Uint8Array(Buffer.from(text, 'utf16le'))),
  maxBytes: 8192,
  run(input) {
    const text = Buffer.from(input).toString('utf16le');
    for (const fit of [printable(text), shown(text), quotable(text)]) {
      assert.ok(
        !/[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(fit),
        'is not fit for a terminal',
      );
      assert.equal(printable(fit), fit);
    }
    const line = JSON.stringify({ text });
    assert.deepEqual(JSON.parse(printableJson(line)), JSON.parse(line));
    shorten(printable(text.slice(0, 300)), 20);
    return text.length > 0 && printable(text) === text;
  },
};

/** Names on disks and in torrents: no byte is lost, and two names stay two. */
const names: FuzzTarget = {
  name: 'names',
  corpus: () => [
    ...TEXTS.map((text) => new Uint8Array(Buffer.from(text))),
    bytesOf('a/b\0c\\d'),
    bytesOf('\xff\xc0\x80\xed\xa0\x80'),
    bytesOf('..'),
    bytesOf('%2F%25'),
  ],
  tokens: ['/', '..', '%2F', '%25', '\0', '\xf0\x9f\x98\x80', '\xff'],
  maxBytes: 2048,
  refusals: [MetainfoError],
  run(input) {
    const path = diskPathFromBytes(input);
    assert.ok(equalBytes(diskPathToBytes(path), input), 'a path on disk is another one');
    const name = nameFromBytes(input);
    // The text of a name that is not UTF-8 may be a name itself; then it stands for that.
    const bytes = readUtf8(input) === undefined ? nameToBytes(name)! : Buffer.from(name);
    assert.ok(equalBytes(bytes, input), 'a name of a torrent is another one');
    checkFileName(name);
    assert.ok(name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name));
    return true;
  },
};

/** IP addresses and ranges, from trackers, proxies and settings. */
const addresses: FuzzTarget = {
  name: 'addresses',
  corpus: () =>
    [
      '192.0.2.1',
      '::ffff:192.0.2.1',
      '2001:db8::1',
      '::',
      '1:2:3:4:5:6:7:8',
      '64:ff9b::c000:201',
      'fe80::1%eth0',
      '10.0.0.0/8',
      '2001:db8::/32',
    ].map(bytesOf),
  tokens: ['::', ':', '.', '/', '%', '[', ']', 'ffff', '00'],
  maxBytes: 512,
  run(input) {
    const text = Buffer.from(input).toString('latin1');
    const ip = parseIp(text);
    const range = parseAddressRange(text);
    assert.ok(
      ['public', 'private', 'special'].includes(ipReach(text)) && typeof isPrivateIp(text) === 'boolean',
    );
    if (range !== undefined)
      assert.deepEqual(parseAddressRange(`${formatIp(range.prefix)}/${range.bits}`), range);
    if (ip === undefined) return range !== undefined;
    const host = canonicalIp(text)!;
    assert.equal(canonicalIp(host), host);
    assert.equal(formatIp(ip), host);
    const compact = encodeCompactAddress({ host, port: 6881 })!;
    const [again] = decodeCompactAddresses(compact, compact.length === 6 ? 6 : 18)!;
    assert.deepEqual(again, { host, port: 6881 });
    return true;
  },
};

const TOKEN = formatAccessToken('01234567', new Uint8Array(24).fill(250));

/** URLs of trackers, in torrents, answers and settings: messages show no secret of them. */
const urls: FuzzTarget = {
  name: 'urls',
  corpus: () =>
    [
      `http://t.example:9910/${TOKEN}/announce`,
      'udp://user:secret@t.example:6969/announce?passkey=secret',
      'https://t.example/0123456789abcdef0123/announce.php?x=1#y',
      'http://[2001:db8::1]:80/',
      'ftp://me:se%cret@a.example',
      '//////announce/////',
      `/${TOKEN}/scrape?info_hash=x`,
    ].map(bytesOf),
  tokens: ['/', '//', '://', '@', ':', '?', '#', '%', '/announce', TOKEN, '\\', '"', ',http://', '[', ']'],
  maxBytes: 4096,
  run(input) {
    const text = Buffer.from(input).toString();
    const shownUrl = printableUrl(text);
    assert.ok(
      !shownUrl.includes(TOKEN) && !withoutSecrets(text).includes(TOKEN),
      'a token stands in a message',
    );
    const { base, token } = parseTrackerUrl(text);
    assert.ok(text.startsWith(base) && (token === undefined || isLikeAccessToken(token)));
    assert.ok(announceUrlOf(text).endsWith('/announce'));
    scrapeUrl(text);
    assert.ok((passkeyOfPath(text) ?? '').length <= 64);
    assert.ok([undefined, 8].includes(accessTokenId(text)?.length));
    return URL.canParse(text);
  },
};

export const textTargets: readonly FuzzTarget[] = [printableTexts, names, addresses, urls];
