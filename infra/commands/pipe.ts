let broken = false;

/**
 * Ends the command without a word when nobody reads what it prints any more, as in `... | head`: whoever listens for a
 * stop signal stops as by that.
 */
export function endOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (broken) return;
      broken = true;
      if (!process.emit('SIGTERM', 'SIGTERM')) process.exit();
    });
  }
}

/** Whether the command ends for that reason. */
export function isPipeBroken(): boolean {
  return broken;
}
