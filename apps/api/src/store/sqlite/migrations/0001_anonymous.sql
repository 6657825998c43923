-- Counts what is stored without a token, in a row of its own.
INSERT INTO `workspaces` (`id`, `name`, `created_at`, `active_secrets`, `stored_bytes`)
SELECT 0, 'anonymous', 0,
  (SELECT count(*) FROM `secrets` WHERE `workspace_id` IS NULL AND `ended_at` IS NULL),
  (SELECT coalesce(sum(coalesce(length(`ciphertext`), 0) + coalesce(length(`note`), 0)), 0) FROM `vault` JOIN `secrets` USING (`id`) WHERE `workspace_id` IS NULL)
    + (SELECT coalesce(sum(`size`), 0) FROM `attachments` JOIN `secrets` ON `secrets`.`id` = `secret_id` WHERE `workspace_id` IS NULL);
