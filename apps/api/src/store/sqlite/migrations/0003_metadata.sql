-- Counts metadata as the rest of what is stored.
UPDATE `workspaces` SET `stored_bytes` = `stored_bytes` + (
  SELECT coalesce(sum(length(`meta`)), 0) FROM `metas` JOIN `secrets` ON `secrets`.`id` = `secret_id`
  WHERE coalesce(`workspace_id`, 0) = `workspaces`.`id`);
