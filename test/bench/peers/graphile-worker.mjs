// graphile-worker with its fastest settings: many jobs fetched and completed at a time.
import { run, runMigrations } from 'graphile-worker';
import { connectionString, measure, one_step } from './peer.mjs';

const preset = {
	worker: {
		connectionString: connectionString(),
		concurrentJobs: 24,
		maxPoolSize: 26,
		localQueue: { size: 500 },
		completeJobBatchDelay: 0,
		failJobBatchDelay: 0,
	},
};

await measure({
	url: import.meta.url,
	status: 'done',
	unfinished: 'SELECT count(*) FROM graphile_worker.jobs',
	async enqueue(pool) {
		await runMigrations({ preset });
		await pool.query(`SELECT count(graphile_worker.add_job('touch', json_build_object('id', id))) FROM orders`);
	},
	async work() {
		const touch = (payload, { withPgClient }) => withPgClient((client) => client.query(one_step, [payload.id]));
		await (await run({ preset, taskList: { touch } })).promise;
	},
});
