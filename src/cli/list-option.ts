import { Option } from 'commander';

/** A flag that may be given several times, each time with one value. The values are an array, in their order. */
export class ListOption extends Option {
  constructor(flags: string, description: string) {
    super(flags, description);
    this.argParser((value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value]);
  }
}
