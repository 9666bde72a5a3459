let broken = false;

/**
 * Ends the command silently when nothing reads its output any more, as in `... | head`: everything that listens for a stop signal
 * stops as if by one.
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

/** Whether the command is ending for that reason. */
export function isPipeBroken(): boolean {
  return broken;
}
