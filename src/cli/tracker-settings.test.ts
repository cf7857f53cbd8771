import { expect, test } from 'vitest';
import { loadSettings, type SettingKey } from './settings.ts';
import { optionsOf, RELOADED_KEYS, RESTART_KEYS, rulesOf } from './tracker-settings.ts';

test('rulesOf() reads the settings that are reloaded, and optionsOf() also those that need a restart', async () => {
  const { settings } = await loadSettings({ file: '/dev/null' });
  const read = new Set<SettingKey>();
  const watched = new Proxy(settings, {
    get: (target, key) => {
      read.add(key as SettingKey);
      return Reflect.get(target, key) as unknown;
    },
  });
  rulesOf(watched);
  expect([...read].sort()).toEqual([...RELOADED_KEYS].sort());
  optionsOf(watched);
  expect([...read].sort()).toEqual([...RELOADED_KEYS, ...RESTART_KEYS].sort());
});

test('optionsOf() refuses to require TLS without a certificate', async () => {
  const { settings } = await loadSettings({ file: '/dev/null', env: { SHOAL_TRACKER_TLS_REQUIRED: 'true' } });
  expect(() => optionsOf(settings)).toThrow(
    /^tracker\.tls\.required is true, .* set tracker\.tls\.cert and tracker\.tls\.key$/,
  );
});
