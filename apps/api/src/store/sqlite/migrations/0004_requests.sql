CREATE TABLE `answers` (
	`id` integer PRIMARY KEY NOT NULL,
	`request_id` integer NOT NULL,
	`size` integer NOT NULL,
	`complete` integer NOT NULL,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `answers_by_request` ON `answers` (`request_id`,`id`);--> statement-breakpoint
CREATE TABLE `request_counts` (
	`workspace_id` integer NOT NULL,
	`what` text NOT NULL,
	`present` integer NOT NULL,
	`ever` integer NOT NULL,
	PRIMARY KEY(`workspace_id`, `what`)
);
--> statement-breakpoint
CREATE TABLE `request_metas` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`request_id` integer NOT NULL,
	`meta` blob
);
--> statement-breakpoint
CREATE INDEX `request_metas_by_request` ON `request_metas` (`request_id`,`id`);--> statement-breakpoint
CREATE TABLE `request_vault` (
	`id` integer PRIMARY KEY NOT NULL,
	`public_key` blob,
	`note` blob,
	`sealed_notify` blob
);
--> statement-breakpoint
CREATE TABLE `requests` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`slug` text NOT NULL,
	`workspace_id` integer,
	`token_id` text,
	`creator` text NOT NULL,
	`state` text NOT NULL,
	`access_verifier` blob NOT NULL,
	`collect_verifier` blob NOT NULL,
	`create_digest` blob NOT NULL,
	`maximum_answers` integer NOT NULL,
	`answers` integer DEFAULT 0 NOT NULL,
	`answer_views` integer NOT NULL,
	`answer_expires_in` integer NOT NULL,
	`answer_bytes` integer NOT NULL,
	`answer_files` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ended_at` integer,
	`content_until` integer,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`token_id`) REFERENCES `tokens`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `requests_slug` ON `requests` (`slug`);--> statement-breakpoint
CREATE INDEX `requests_newest` ON `requests` (`workspace_id`,`id`) WHERE workspace_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `requests_by_state` ON `requests` (`workspace_id`,`state`,`id`) WHERE workspace_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `requests_open` ON `requests` (`expires_at`) WHERE state = 'open';--> statement-breakpoint
CREATE INDEX `requests_to_destroy` ON `requests` (`content_until`) WHERE content_until IS NOT NULL;--> statement-breakpoint
CREATE INDEX `requests_ended` ON `requests` (`ended_at`) WHERE ended_at IS NOT NULL;--> statement-breakpoint
DROP INDEX `secrets_newest`;--> statement-breakpoint
DROP INDEX `secrets_by_state`;--> statement-breakpoint
ALTER TABLE `secrets` ADD `request_id` integer;--> statement-breakpoint
CREATE INDEX `secrets_newest` ON `secrets` (`workspace_id`,`id`) WHERE workspace_id IS NOT NULL AND request_id IS NULL;--> statement-breakpoint
CREATE INDEX `secrets_by_state` ON `secrets` (`workspace_id`,`state`,`id`) WHERE workspace_id IS NOT NULL AND request_id IS NULL;--> statement-breakpoint
ALTER TABLE `events` ADD `request_id` integer;--> statement-breakpoint
CREATE INDEX `events_by_request` ON `events` (`request_id`,`id`) WHERE request_id IS NOT NULL;--> statement-breakpoint
ALTER TABLE `vault` ADD `sealed_key_b` blob;