import { Command } from 'commander';
import { expect, test } from 'vitest';
import { flagsOf, SettingOption } from './setting-option.ts';

test('flagsOf() collects the settings among the options given to the command and to its program', async () => {
  const program = new Command('shoal').addOption(new SettingOption('--log-level <level>', 'log.level'));
  const command = program
    .command('get')
    .addOption(new SettingOption('-o, --output <path>', 'client.outputFileName'))
    .addOption(new SettingOption('--port <port>', 'client.port'))
    .option('--other <text>')
    .action(() => undefined);
  await program.parseAsync(['get', '-o', 'a', '--log-level', 'debug', '--other', 'b'], { from: 'user' });
  expect(flagsOf(command)).toEqual({
    'client.outputFileName': { flag: '--output', text: 'a' },
    'log.level': { flag: '--log-level', text: 'debug' },
  });
});
