import cliProgress from 'cli-progress';
import { describeAmount, describePhase, describeProgress } from './describe-progress.ts';
import type { Output } from './output.ts';
import type { Progress, ProgressDisplay } from './progress.ts';

/** Milliseconds between two lines where there is no terminal. */
const LINE_INTERVAL_MS = 5_000;
/** Milliseconds between two events of the same phase. */
const EVENT_INTERVAL_MS = 250;
/** Characters of the bar. */
const BAR_WIDTH = 24;
const FRAMES_PER_SECOND = 5;

/** The display that fits: events, nothing, a bar on a terminal, a line every few seconds elsewhere. */
export function createProgressDisplay(
  output: Output,
  stream: NodeJS.WritableStream & { readonly isTTY?: boolean },
): ProgressDisplay {
  if (output.isQuiet) return { update: () => undefined, stop: () => undefined };
  if (output.isJson) return spaced(EVENT_INTERVAL_MS, (progress) => output.tell('progress', progress));
  if (stream.isTTY === true) return createBar(stream);
  return spaced(LINE_INTERVAL_MS, (progress) => stream.write(`${describeProgress(progress)}\n`));
}

/** Shows the first of each phase, and then no more than one in `intervalMs`. */
function spaced(intervalMs: number, show: (progress: Progress) => unknown): ProgressDisplay {
  let phase: Progress['phase'] | undefined;
  let shownAt = 0;
  return {
    update(progress) {
      const now = performance.now();
      if (progress.phase === phase && now - shownAt < intervalMs) return;
      phase = progress.phase;
      shownAt = now;
      show(progress);
    },
    stop: () => undefined,
  };
}

function createBar(stream: NodeJS.WritableStream): ProgressDisplay {
  const bar = new cliProgress.SingleBar(
    {
      stream,
      format: (options, { progress: part }, { progress }: { readonly progress: Progress }) => {
        const phase = describePhase(progress);
        if (progress.phase === 'looking-up') return phase;
        return `${cliProgress.Format.BarFormat(part, options)} ${describeAmount(progress)}  ${phase}`;
      },
      barsize: BAR_WIDTH,
      fps: FRAMES_PER_SECOND,
      hideCursor: true,
      clearOnComplete: true,
      // A line of the log wipes the bar off.
      forceRedraw: true,
      // Signals are the business of run-command.ts.
      gracefulExit: false,
    },
    cliProgress.Presets.shades_classic,
  );
  let isStarted = false;
  return {
    update(progress) {
      if (!isStarted) bar.start(progress.total, progress.done, { progress });
      isStarted = true;
      bar.setTotal(progress.total);
      bar.update(progress.done, { progress });
    },
    stop() {
      if (isStarted) bar.stop();
      isStarted = false;
    },
  };
}
