// The command that the crash test's agent runs: prints what comes through a Unix socket, until either side ends.
import { connect } from 'node:net';

const socket = connect(process.argv[2] ?? '');
socket.on('error', () => process.exit(1)).on('close', () => process.exit(0));
process.stdout.on('error', () => process.exit(0));
socket.pipe(process.stdout);
