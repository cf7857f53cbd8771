import { describeProgress } from './describe-progress.ts';
import type { Output } from './output.ts';
import type { CommandProgress, ProgressDisplay } from './progress.ts';
import { takesEscapes } from './takes-escapes.ts';

/** The milliseconds between two lines if there is no terminal. */
const LINE_INTERVAL_MS = 5_000;
/** The milliseconds between two lines about seeding, which may go on for days. */
const SEEDING_LINE_INTERVAL_MS = 60_000;
/** The milliseconds between two events of the same phase. */
const EVENT_INTERVAL_MS = 250;

/** Makes the display that fits the output: events, no display, a bar on a terminal, or else a line every few seconds. */
export async function createProgressDisplay(
  output: Output,
  stream: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ProgressDisplay> {
  if (output.isQuiet) return { update: () => undefined, stop: () => undefined };
  if (output.isJson)
    return spaced(
      () => EVENT_INTERVAL_MS,
      (progress) => output.tell('progress', progress),
    );
  if (takesEscapes(stream, env)) return (await import('./progress-bar.ts')).createProgressBar(stream);
  return reasonsOnce(spaced(lineIntervalOf, (progress) => stream.write(`${describeProgress(progress)}\n`)));
}

/** Makes a display that shows the first and the last progress of each phase, and between them one in each interval. */
function spaced(
  intervalOf: (progress: CommandProgress) => number,
  show: (progress: CommandProgress) => unknown,
): ProgressDisplay {
  let phase: CommandProgress['phase'] | undefined;
  let shownAt = 0;
  let heldBack: CommandProgress | undefined;
  const showHeldBack = () => {
    if (heldBack !== undefined) show(heldBack);
    heldBack = undefined;
  };
  return {
    update(progress) {
      const now = performance.now();
      if (progress.phase === phase && now - shownAt < intervalOf(progress)) {
        heldBack = progress;
        return;
      }
      if (progress.phase !== phase) showHeldBack();
      heldBack = undefined;
      phase = progress.phase;
      shownAt = now;
      show(progress);
    },
    stop: showHeldBack,
  };
}

/** Makes a display that shows a wait once, and once more when its reason changes: it may last for days. */
function reasonsOnce(display: ProgressDisplay): ProgressDisplay {
  let shownReason: string | undefined;
  return {
    update(progress) {
      const { waitingFor } = progress;
      if (progress.phase === 'waiting' && waitingFor === shownReason) return;
      shownReason = waitingFor;
      display.update(progress);
      // The display holds back a new reason of the same phase until it stops.
      if (progress.phase === 'waiting') display.stop();
    },
    stop: () => display.stop(),
  };
}

function lineIntervalOf({ phase }: CommandProgress): number {
  return phase === 'seeding' ? SEEDING_LINE_INTERVAL_MS : LINE_INTERVAL_MS;
}
