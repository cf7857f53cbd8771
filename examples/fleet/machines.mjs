// Machines of a fleet, as far as programs can tell: network namespaces around a switch, which is one as well.
import { execFileSync, spawnSync } from 'node:child_process';

/**
 * Makes machines. Each has a `name`, an `address`, and the words that stand before a command that runs on it. Without the
 * rights or the program for namespaces, all of them are this machine.
 */
export function makeMachines(count) {
  const numbers = Array.from({ length: count }, (_, number) => number);
  if (process.getuid?.() !== 0 || spawnSync('ip', ['-V']).error !== undefined) {
    return {
      machines: numbers.map((number) => ({ name: `machine-${number}`, address: '127.0.0.1', prefix: [] })),
      remove() {},
    };
  }
  const hub = `fleet-${process.pid}`;
  const names = [];
  const remove = () => {
    for (const name of names.splice(0)) spawnSync('ip', ['netns', 'delete', name]);
  };
  const add = (name) => {
    ip('netns', 'add', name);
    names.push(name);
    ip('-n', name, 'link', 'set', 'lo', 'up');
  };
  try {
    add(hub);
    ip('-n', hub, 'link', 'add', 'switch', 'type', 'bridge');
    ip('-n', hub, 'link', 'set', 'switch', 'up');
    const machines = numbers.map((number) => {
      const name = `${hub}-${number}`;
      const address = `10.87.${number >> 7}.${1 + (number & 127)}`;
      add(name);
      ip('-n', hub, 'link', 'add', `port${number}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
      ip('-n', hub, 'link', 'set', `port${number}`, 'master', 'switch', 'up');
      ip('-n', name, 'addr', 'add', `${address}/16`, 'dev', 'eth0');
      ip('-n', name, 'link', 'set', 'eth0', 'up');
      return { name: `machine-${number}`, address, prefix: ['ip', 'netns', 'exec', name] };
    });
    return { machines, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function ip(...args) {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
