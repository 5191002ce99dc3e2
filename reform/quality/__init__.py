"""数据提示, 文字比对, 作战图体检: what a clerk and both reviewers are asked about. It asks and forbids nothing."""
